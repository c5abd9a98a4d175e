"""The comparison workbench in the window: its actions, its bar, its docks and its second window."""
