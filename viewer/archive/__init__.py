"""The study archive: write, verify, read, restore; DICOM and PNG export."""
