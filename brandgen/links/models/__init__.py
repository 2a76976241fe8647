"""What is handed out to people outside, what they got, and who comes how often."""

from brandgen.links.models.addresses import (
    AddressImage,
    AddressPicture,
    SignedAddress,
)
from brandgen.links.models.handouts import Handout
from brandgen.links.models.public_forms import (
    FormCollection,
    FormImage,
    FormPicture,
    PublicForm,
)
from brandgen.links.models.visits import Visits

__all__ = [
    "AddressImage",
    "AddressPicture",
    "FormCollection",
    "FormImage",
    "FormPicture",
    "Handout",
    "PublicForm",
    "SignedAddress",
    "Visits",
]
