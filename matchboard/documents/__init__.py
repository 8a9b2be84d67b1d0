"""Files people take away: tables, print views."""
