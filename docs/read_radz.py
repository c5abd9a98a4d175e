"""Read a study archive (.radz) without Radiograph Viewer: python read_radz.py FILE.radz FOLDER.

Needs numpy and imagecodecs. Writes each frame as FOLDER/NNNN-FFFF.npy and the DICOM header of each
image as FOLDER/NNNN.dcm, and checks every hash. Payloads of learned codecs are passed over.
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import imagecodecs
import numpy as np


def main(archive: str, folder: str) -> int:
    """Unpack an archive and return 0 when every hash is right."""
    out, wrong = Path(folder), 0
    out.mkdir(parents=True, exist_ok=True)
    data = Path(archive).read_bytes()
    if hashlib.sha256(data[:-64]).hexdigest().encode() != data[-64:]:
        print("The file is not as it was written.")
        wrong += 1
    with zipfile.ZipFile(archive) as members:
        for image in json.loads(members.read("manifest.json"))["images"]:
            header, number = image["header"], image["number"]
            if image["dicom_header"]:
                dicom = members.read(image["dicom_header"]["member"])
                (out / f"{number:04d}.dcm").write_bytes(dicom)
            wide = 1 if header["bits_allocated"] <= 8 and not header["signed"] else 2
            dtype = np.dtype(f"<{'i' if header['signed'] else 'u'}{wide}")
            for index, frame in enumerate(image["frames"]):
                payload = members.read(frame["payload"]["member"])
                if image["codec"]["name"] != "jpeg2000":
                    print(f"image {number} frame {index}: {image['codec']['name']}, passed over")
                    continue
                pixels = imagecodecs.jpeg2k_decode(payload).astype(dtype)
                same = hashlib.sha256(pixels.tobytes()).hexdigest()
                wrong += same != frame["decoded_pixels_sha256"]
                print(f"image {number} frame {index}: {pixels.shape} {dtype}")
                np.save(out / f"{number:04d}-{index:04d}.npy", pixels)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
