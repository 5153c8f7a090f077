"""What the shop earns, has running and is owed: sums made by the database, spread over months exactly."""
