"""Says in words what a generation was given beside its prompt."""

from brandgen.generation.inputs import Inputs
from brandgen.generation.models import Generation

Facts = dict[str, str]


def describe_inputs(generation: Generation) -> Facts:
    """Return what guided a generation, a label to words; what did not is left out."""
    inputs = generation.read_inputs()
    facts: Facts = {}
    if generation.source is not None:
        facts["Made from"] = generation.source.title
        facts["By"] = generation.get_operation_display()
    if generation.operation == Generation.Operation.VARY and inputs.source is not None:
        facts["Changed by"] = f"{inputs.source.strength:.0%}"
    if inputs.source is not None and inputs.source.control:
        facts["Followed by"] = f"ControlNet {inputs.source.control.replace('_', ' ')}"
    facts |= _describe_looks(inputs)
    if generation.schedule != Generation.Schedule.EVEN:
        facts["Steps are spread"] = generation.get_schedule_display().lower()
    if generation.guidance_until < 1:
        facts["Guided"] = f"the first {generation.guidance_until:.0%} of the steps"
    return facts


def _describe_looks(inputs: Inputs) -> Facts:
    facts: Facts = {}
    if inputs.references:
        weights = ", ".join(f"{each.weight:g}" for each in inputs.references)
        facts["References"] = f"{len(inputs.references)}, weights {weights}"
    if inputs.palette is not None:
        facts["Brand colors"] = f"pulled at {inputs.palette.strength:.0%}"
    if inputs.text_boxes:
        noun = "box" if len(inputs.text_boxes) == 1 else "boxes"
        room = f"{len(inputs.text_boxes)} {noun}"
        facts["Room for text"] = f"{inputs.layout}, {room}" if inputs.layout else room
    elif inputs.layout:
        facts["Format of"] = f"{inputs.layout}; no text lies on its picture"
    if inputs.adapters:
        facts["Adapters"] = ", ".join(
            f"{each.name} at {each.scale:g}" for each in inputs.adapters
        )
    return facts
