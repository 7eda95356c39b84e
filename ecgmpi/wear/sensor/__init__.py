"""What the sensor makes of what it sees, and what the file keeps of it."""
