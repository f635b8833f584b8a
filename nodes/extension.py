"""What ComfyUI asks of a pack: its nodes. The pack's routes and example files are added on the way."""

from comfy_api.v0_0_2 import ComfyExtension, io

from .apply_tracks import WanMoveApplyTracks
from .arrange_tracks import WanMoveMergeTracks, WanMoveTransformTracks
from .example_files import offer_examples
from .latent_guide import TrajectoryToLatentGuide
from .load_wan_move import LoadWanMove
from .measure_tracks import WanMoveMeasureTracks
from .preset_tracks import WanMovePresetTracks
from .routes import add_routes
from .show_tracks import WanMoveOverlayTracks, WanMovePreviewTracks
from .track_files import WanMoveExportTracks, WanMoveImportTracks
from .track_video import WanMoveTrackVideo
from .trajectory_editor import TrajectoryEditor
from .wan_move_sampler import WanMoveSampler


class WanMoveExtension(ComfyExtension):
    """The pack."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """All nodes of the pack."""
        return [
            LoadWanMove,
            TrajectoryEditor,
            TrajectoryToLatentGuide,
            WanMoveSampler,
            WanMovePresetTracks,
            WanMoveMergeTracks,
            WanMoveTransformTracks,
            WanMovePreviewTracks,
            WanMoveOverlayTracks,
            WanMoveImportTracks,
            WanMoveExportTracks,
            WanMoveApplyTracks,
            WanMoveTrackVideo,
            WanMoveMeasureTracks,
        ]


async def comfy_entrypoint() -> WanMoveExtension:
    """Called by ComfyUI once, when it loads the pack."""
    add_routes()
    offer_examples()
    return WanMoveExtension()
