return SplitVmm.DesktopService.Application.Run(args);
