namespace SplitVmm.GpuProcess.Replay;

/// <summary>Sizes of the pixels of virglrenderer's formats (<c>enum virgl_formats</c>).</summary>
internal static class FormatSizes
{
    /// <returns>Bytes; 0 for formats of blocks of several pixels, and for those that are not known here.</returns>
    public static uint BytesPerPixel(uint format) => format switch
    {
        // 8888, 1010102 and the like; depth with stencil; two of 16; one of 32 bits.
        (>= 1 and <= 4) or 8 or (>= 17 and <= 22) or 28 or 32 or 36 or 40 or 44 or 49 or 53 or 57 or 61 => 4,
        67 or 68 or 72 or 77 or 85 or 87 or 92 or (>= 98 and <= 104) or 121 or 123 or 124 or 125 => 4,
        131 or 132 or 134 or 136 or 137 or 140 or 153 or 157 or (>= 159 and <= 160) or 162 => 4,
        (>= 172 and <= 176) or 180 or 184 or 186 or 190 or 193 or 197 or 212 or 216 => 4,
        (>= 217 and <= 219) or (>= 221 and <= 223) or 225 or (>= 229 and <= 233) or 253 or 268 or 308 => 4,
        // 565, 4444, 5551; two of 8; one of 16 bits.
        (>= 5 and <= 7) or 12 or 13 or 16 or 48 or 52 or 56 or 60 or 65 or 70 or 75 or 83 or 91 or 96 => 2,
        122 or 135 or 141 or 142 or 149 or (>= 151 and <= 152) or (>= 154 and <= 156) or 158 => 2,
        170 or 171 or 178 or 182 or 185 or 189 or 204 or 208 or (>= 209 and <= 211) or (>= 213 and <= 215) => 2,
        242 or 247 or 248 or 254 or 313 => 2,
        // One of 8 bits.
        (>= 9 and <= 11) or 23 or 64 or 69 or 74 or 82 or 95 or 130 or 139 or 147 or 148 or 150 or 168 or 169 => 1,
        177 or 181 or (>= 201 and <= 203) or (>= 205 and <= 207) or 312 => 1,
        // Four of 16, two of 32, one of 64 bits; depth of 32 bits with stencil.
        24 or 29 or 33 or 37 or 41 or 45 or 51 or 55 or 59 or 63 or 88 or 94 or 126 or 138 or 161 => 8,
        188 or 192 or 194 or 198 or 220 or 224 or (>= 234 and <= 238) or 246 or 251 or 252 => 8,
        // Four of 32 bits.
        31 or 35 or 39 or 43 or 47 or 90 or 196 or 200 or (>= 239 and <= 241) => 16,
        _ => 0,
    };
}
