/* The tests that the command line can name; tests/main.c holds the table. */
#ifndef MICROGUEST_TESTS_H
#define MICROGUEST_TESTS_H

void test_boot(void);
void test_memory(void);
void test_smp(void);
void test_reboot(void);
void test_pci(void);
void test_gpu2d(void);
void test_transport(void);
void test_blk(void);
void test_fuzz(void);
void test_bench(void);
void test_input(void);
void test_display(void);
void test_gpu3d(void);
void test_irq(void);
void test_chaos(void);
void test_blob(void);
void test_blob_lost(void);
void test_native_lost(void);

#endif
