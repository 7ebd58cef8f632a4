package codegen

// Zone says whose a generated file is.
type Zone string

// The zones.
const (
	Generated Zone = "generated" // overwritten at each run; carries a hash of itself
	Once      Zone = "once"      // written if it is not there; from then on a person's
)

// File is one file of the project that a board results in. Files are in order
// of their paths.
type File struct {
	Path    string // from the project's folder, with slashes
	Zone    Zone
	Content []byte
	// Item is the board's item that the file is for, such as
	// triggers.ConfirmBooking; "" if it is for a whole service. A Once file of
	// an item that was renamed moves with it.
	Item string
	// First is what the item was called first; "" if it was never renamed.
	First string
	// Was are the paths that the file may have had before its item, its service or
	// both were renamed, the likeliest first.
	Was []string
	// Event and Version are set if the file is the schema of an event, in the
	// service that sends it.
	Event   string
	Version int
}

// Action is what is to be done about one file.
type Action string

// The actions.
const (
	Create    Action = "create"
	Overwrite Action = "overwrite" // it is stale
	Move      Action = "move"      // from Change.From; the content is left alone
	Remove    Action = "remove"    // a generated file that nothing generates any more
	Leave     Action = "leave"     // nothing to do
	Orphan    Action = "orphan"    // a handler whose trigger is gone: left alone, reported
	Edited    Action = "edited"    // a generated file that somebody edited: left alone, an error
	// Unversioned says that the schema of an event changed in a way that its readers
	// notice, and its version did not. Nothing is to be done about the file: there is
	// another change of it.
	Unversioned Action = "unversioned"
)

// Pending reports whether the action is one that [Write] carries out.
func (a Action) Pending() bool {
	return a == Create || a == Overwrite || a == Move || a == Remove
}

// Change is what is to be done about one file, and why.
type Change struct {
	Action Action `json:"action"`
	Path   string `json:"path"`
	From   string `json:"from,omitempty"` // of Move
	Line   int    `json:"line,omitempty"` // of Edited: the first line that differs
	Why    string `json:"why,omitempty"`
}
