namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>One line of text on a dark bar, laid over the top of a picture.</summary>
internal static class Banner
{
    private const uint Background = 0xD010_1418;
    private const uint Foreground = 0xFFFF_FFFF;
    private const int Margin = 4;
    private const int Advance = Glyphs.Width + 1;

    /// <summary>Draws the text as large as fits well into a picture of this width; what does not fit is cut off.</summary>
    public static Sprite Draw(string text, int pictureWidth)
    {
        int dots = (text.Length * Advance) - 1 + (2 * Margin);
        // From three screen pixels per dot down to one.
        int scale = Math.Clamp(pictureWidth / dots, 1, 3);
        var sprite = new Sprite(Math.Max(1, Math.Min(dots * scale, pictureWidth)), (Glyphs.Height + (2 * Margin)) * scale);
        Array.Fill(sprite.Pixels, Premultiply(Background));
        for (int i = 0; i < text.Length; i++)
        {
            DrawGlyph(sprite, text[i], Margin + (i * Advance), scale);
        }

        return sprite;
    }

    private static void DrawGlyph(Sprite sprite, char character, int left, int scale)
    {
        ReadOnlySpan<byte> rows = Glyphs.RowsOf(character);
        for (int y = 0; y < Glyphs.Height * scale; y++)
        {
            for (int x = 0; x < Glyphs.Width * scale; x++)
            {
                bool set = (rows[y / scale] & (1 << (Glyphs.Width - 1 - (x / scale)))) != 0;
                int column = (left * scale) + x;
                if (set && column < sprite.Width)
                {
                    sprite.Pixels[(((Margin * scale) + y) * sprite.Width) + column] = Foreground;
                }
            }
        }
    }

    private static uint Premultiply(uint pixel)
    {
        uint alpha = pixel >> 24;
        uint Channel(int shift) => (((pixel >> shift) & 0xFF) * alpha / 255) << shift;
        return (alpha << 24) | Channel(16) | Channel(8) | Channel(0);
    }
}
