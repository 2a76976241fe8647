/* What the frame of every page does by hand. Without it everything still works. */
import "./menu.js";
import "./theme.js";
import "./toasts.js";
import "./dialogs.js";
import "./shortcuts.js";
