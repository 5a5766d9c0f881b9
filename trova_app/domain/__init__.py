"""What is true: pure rules on plain values. Standard library only."""
