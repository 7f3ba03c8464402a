using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary>Tables show as much of a path as tells pictures apart, and files made of pictures are called so.</summary>
public sealed class ShownNamesTests
{
    [Test]
    public void A_name_alone_is_enough_where_it_is_the_only_one() =>
        Assert.That(ShownNames.Of(["/x/a/1.jpg", "/x/b/2.jpg"]), Is.EqualTo(new[] { "1.jpg", "2.jpg" }));

    [Test]
    public void Folders_are_shown_as_far_as_needed_and_only_where_needed() => Assert.That(
        ShownNames.Of(["/x/a/1.jpg", "/x/b/1.jpg", "/x/b/2.jpg", "/y/a/c/3.jpg", "/y/b/c/3.jpg", "/z/3.jpg"]),
        Is.EqualTo(new[] { "a/1.jpg", "b/1.jpg", "2.jpg", "a/c/3.jpg", "b/c/3.jpg", "z/3.jpg" }));

    [Test]
    public void The_same_file_twice_has_one_name() =>
        Assert.That(
            ShownNames.Of(["a/1.jpg", "a/../a/1.jpg", "b/1.jpg"]),
            Is.EqualTo(new[] { "a/1.jpg", "a/1.jpg", "b/1.jpg" }));

    [Test]
    public void Files_of_the_root_end_the_search() =>
        Assert.That(ShownNames.Of(["/1.jpg", "/a/1.jpg"]), Is.EqualTo(new[] { "1.jpg", "a/1.jpg" }));

    [Test]
    public void Pictures_made_of_them_have_the_same_names() => Assert.That(
        ShownNames.Jpegs(["a/1.jpg", "b/1.png", "2.webp", "3.png", "3.jpg", "2.webp"]),
        Is.EqualTo(new[] { "a/1.jpg", "b/1.jpg", "2.jpg", "3.png.jpg", "3.jpg.jpg", "2-2.jpg" }));
}
