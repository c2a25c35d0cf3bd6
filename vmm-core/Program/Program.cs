return SplitVmm.VmmCore.Hosting.CoreProgram.Run(args);
