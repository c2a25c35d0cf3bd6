using System.Text;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// Reads the text of a Linux text console from its picture. The first row shows every printable ASCII
/// character once (<see cref="Calibration"/>); the reader learns the font from it, so it knows no font itself.
/// </summary>
internal sealed class ConsoleText
{
    private readonly Picture _picture;
    private readonly int _cellWidth;
    private readonly int _cellHeight;
    private readonly Dictionary<string, char> _glyphs = [];

    /// <param name="rows">Rows of the console, as <c>stty size</c> says.</param>
    /// <param name="columns">Columns of the console; at least as many as the calibration has characters.</param>
    public ConsoleText(Picture picture, int rows, int columns)
    {
        _picture = picture;
        _cellWidth = picture.Width / columns;
        _cellHeight = picture.Height / rows;
        for (int column = 0; column < Calibration.Length; column++)
        {
            _glyphs.TryAdd(Glyph(0, column), Calibration[column]);
        }
    }

    /// <summary>Blank first, then '!' to '~'.</summary>
    public static string Calibration { get; } =
        string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code));

    /// <summary>How many of the calibration's characters look different from all others.</summary>
    public int DistinctGlyphs => _glyphs.Count;

    /// <summary>The text of a row without its trailing blanks; '\uFFFD' where a cell shows no known character.</summary>
    public string Row(int row)
    {
        var text = new StringBuilder();
        for (int column = 0; column < _picture.Width / _cellWidth; column++)
        {
            text.Append(_glyphs.GetValueOrDefault(Glyph(row, column), '\uFFFD'));
        }

        return text.ToString().TrimEnd();
    }

    // The cell as a string of bits: a pixel differs from the cell's top left one or not. No glyph of a console
    // font reaches into that corner.
    private string Glyph(int row, int column)
    {
        var bits = new char[_cellWidth * _cellHeight];
        int background = _picture[column * _cellWidth, row * _cellHeight];
        for (int y = 0; y < _cellHeight; y++)
        {
            for (int x = 0; x < _cellWidth; x++)
            {
                int pixel = _picture[(column * _cellWidth) + x, (row * _cellHeight) + y];
                bits[(y * _cellWidth) + x] = pixel == background ? '0' : '1';
            }
        }

        return new string(bits);
    }
}
