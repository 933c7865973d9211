"""What our own records say: collected for the commands, the page and the alerts; words are made elsewhere."""
