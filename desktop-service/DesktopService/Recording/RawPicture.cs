namespace SplitVmm.DesktopService.Recording;

/// <summary>A picture of the machine: rows from the top, red, green, blue, without padding.</summary>
internal sealed record RawPicture(int Width, int Height, byte[] Pixels)
{
    public const int BytesPerPixel = 3;

    /// <summary>The same in the middle of a picture of another size: what is larger is cut off, what is missing is black.</summary>
    public RawPicture InFrame(int width, int height)
    {
        if ((width, height) == (Width, Height))
        {
            return this;
        }

        var framed = new RawPicture(width, height, new byte[width * height * BytesPerPixel]);
        int columns = Math.Min(width, Width);
        int rows = Math.Min(height, Height);
        for (int row = 0; row < rows; row++)
        {
            int from = ((((Height - rows) / 2) + row) * Width) + ((Width - columns) / 2);
            int to = ((((height - rows) / 2) + row) * width) + ((width - columns) / 2);
            Pixels.AsSpan(from * BytesPerPixel, columns * BytesPerPixel).CopyTo(framed.Pixels.AsSpan(to * BytesPerPixel));
        }

        return framed;
    }
}
