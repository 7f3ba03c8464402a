Console.WriteLine("flixstock");
