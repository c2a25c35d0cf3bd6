using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Finds the EGL device of a render node (EGL_EXT_device_enumeration, EGL_EXT_device_drm_render_node).</summary>
internal static unsafe class EglDevices
{
    private const int MaxDevices = 64;

    /// <returns>The EGLDeviceEXT.</returns>
    /// <exception cref="VirglException">EGL cannot say, or no driver claims the node.</exception>
    public static nint Find(string renderNode)
    {
        var queryDevices = (delegate* unmanaged[Cdecl]<int, nint*, int*, uint>)Egl.eglGetProcAddress("eglQueryDevicesEXT");
        var queryString = (delegate* unmanaged[Cdecl]<nint, int, byte*>)Egl.eglGetProcAddress("eglQueryDeviceStringEXT");
        byte* client = Egl.eglQueryString(0, Egl.EGL_EXTENSIONS);
        if (!EglDisplay.HasExtension(client, "EGL_EXT_platform_device") || queryDevices is null || queryString is null)
        {
            throw new VirglException($"this EGL cannot choose {renderNode} (no EGL_EXT_platform_device): leave --gpu drm_node= away");
        }

        nint* devices = stackalloc nint[MaxDevices];
        int count = 0;
        // The array has room for the number that is passed.
        _ = queryDevices(MaxDevices, devices, &count);
        for (int i = 0; i < count; i++)
        {
            byte* extensions = queryString(devices[i], Egl.EGL_EXTENSIONS);
            if (EglDisplay.HasExtension(extensions, "EGL_EXT_device_drm_render_node")
                && Marshal.PtrToStringUTF8((nint)queryString(devices[i], Egl.EGL_DRM_RENDER_NODE_FILE_EXT)) == renderNode)
            {
                return devices[i];
            }
        }

        throw new VirglException($"no EGL driver serves {renderNode}: check --gpu drm_node= and the GPU's driver, or leave it away");
    }
}
