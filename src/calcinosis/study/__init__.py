"""Study: many cases judged together."""
