"""Pages under /client/ about people, customers, members and their emails."""
