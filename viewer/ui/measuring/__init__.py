"""Drawing measurements on the panes, and the tables and plots of what they give."""
