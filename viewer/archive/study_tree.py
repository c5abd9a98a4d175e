"""Images grouped as patients, studies, series, instances, for readers of the manifest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from viewer.images.radiograph import Identity


def study_tree(numbers: Iterable[int], identities: list[Identity]) -> list[dict[str, Any]]:
    """Group images as patients, studies, series, instances, in the order they come."""
    patients: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, who in zip(numbers, identities, strict=True):
        patient = patients.setdefault(
            (who.patient_id, who.patient_name, who.patient_birth_date),
            {
                "patient_id": who.patient_id,
                "name": who.patient_name,
                "birth_date": who.patient_birth_date,
                "sex": who.patient_sex,
                "studies": {},
            },
        )
        study = patient["studies"].setdefault(
            who.study_uid,
            {
                "study_uid": who.study_uid,
                "date": who.study_date,
                "time": who.study_time,
                "description": who.study_description,
                "accession_number": who.accession_number,
                "series": {},
            },
        )
        series = study["series"].setdefault(
            who.series_uid,
            {
                "series_uid": who.series_uid,
                "number": who.series_number,
                "modality": who.modality,
                "description": who.series_description,
                "instances": [],
            },
        )
        series["instances"].append(
            {
                "image": number,
                "instance_uid": who.instance_uid,
                "sop_class_uid": who.sop_class_uid,
                "instance_number": who.instance_number,
            }
        )
    for patient in patients.values():
        patient["studies"] = list(patient["studies"].values())
        for study in patient["studies"]:
            study["series"] = list(study["series"].values())
    return list(patients.values())
