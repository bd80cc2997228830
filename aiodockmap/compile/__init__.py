"""From a map to what the engines are asked for: names, bodies and dependencies."""
