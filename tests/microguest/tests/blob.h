/* The parts of the blob test. */
#ifndef MICROGUEST_TESTS_BLOB_H
#define MICROGUEST_TESTS_BLOB_H

#include "gpu/blob.h"

/* Each wrong request, and what it is answered with. */
void blob_check_errors(struct blob_window *window);
/* Many maps and unmaps at random places against a model, while another processor reads the window. */
void blob_check_random(struct blob_window *window);

#endif
