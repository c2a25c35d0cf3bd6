namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>How a viewer gets a picture.</summary>
internal enum PictureWay
{
    /// <summary>It has none yet, or was told that there is none.</summary>
    None,

    /// <summary>Pixels in the messages: what every viewer takes.</summary>
    Inline,

    /// <summary>Shared memory that the viewer can only read.</summary>
    Map,

    /// <summary>The dma-buf of the picture, of one plane that begins at its first byte.</summary>
    DmaBuf,

    /// <summary>The dma-buf of the picture, whatever its planes.</summary>
    DmaBuf2,
}
