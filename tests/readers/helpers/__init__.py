"""What makes and checks files in the tests of readers."""
