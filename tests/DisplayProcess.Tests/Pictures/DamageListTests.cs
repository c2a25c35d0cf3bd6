using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class DamageListTests
{
    [Fact]
    public void Add_ManyRandomRectangles_CoversAllOfThemWithinTheBound()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var list = new DamageList();
            var damaged = new bool[100, 100];
            for (int i = random.Next(1, 120); i > 0; i--)
            {
                var item = new DamageRectangle { X = (uint)random.Next(90), Y = (uint)random.Next(90), Width = (uint)random.Next(1, 11), Height = (uint)random.Next(1, 11) };
                Mark(damaged, in item);
                list.Add(in item);
            }

            var covered = new bool[100, 100];
            foreach (DamageRectangle item in list.Rectangles)
            {
                Mark(covered, in item);
            }

            Assert.InRange(list.Rectangles.Length, 1, 32);
            for (int y = 0; y < 100; y++)
            {
                for (int x = 0; x < 100; x++)
                {
                    Assert.True(covered[x, y] || !damaged[x, y]);
                }
            }
        }
    }

    [Fact]
    public void Add_ContainedRectangles_KeepsTheLargerOnly()
    {
        var list = new DamageList();
        list.Add(new DamageRectangle { X = 10, Y = 10, Width = 5, Height = 5 });
        list.Add(new DamageRectangle { X = 11, Y = 11, Width = 2, Height = 2 });
        list.Add(new DamageRectangle { X = 0, Y = 0, Width = 50, Height = 50 });

        DamageRectangle only = Assert.Single(list.Rectangles.ToArray());
        Assert.Equal((0u, 0u, 50u, 50u), (only.X, only.Y, only.Width, only.Height));
    }

    [Fact]
    public void Clear_LeavesNothing()
    {
        var list = new DamageList();
        list.SetAll(3, 4);
        Assert.False(list.IsEmpty);

        list.Clear();

        Assert.True(list.IsEmpty);
    }

    private static void Mark(bool[,] map, in DamageRectangle item)
    {
        for (uint y = item.Y; y < item.Y + item.Height; y++)
        {
            for (uint x = item.X; x < item.X + item.Width; x++)
            {
                map[x, y] = true;
            }
        }
    }
}
