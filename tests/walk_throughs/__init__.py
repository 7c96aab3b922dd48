"""Stories told through the whole suite, from one side's books to the other's, each about one way in which things go wrong."""
