package python

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is a version of Python to the minor number, which is what AWS's
// runtime names tell.
type Version struct{ Major, Minor int }

// Oldest is the oldest version that the runtime runs on.
var Oldest = Version{3, 8}

// String gives the version as "3.12".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Compare orders versions by age, the older first.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor))
}

// ParseName reads "python3.12", the name of a Lambda runtime and of an
// interpreter's executable.
func ParseName(name string) (Version, bool) {
	rest, ok := strings.CutPrefix(name, "python")
	if !ok {
		return Version{}, false
	}
	return parseVersion(rest)
}

func parseVersion(s string) (Version, bool) {
	major, minor, ok := strings.Cut(s, ".")
	if !ok {
		return Version{}, false
	}
	a, errA := strconv.ParseUint(major, 10, 8)
	b, errB := strconv.ParseUint(minor, 10, 16)
	return Version{int(a), int(b)}, errA == nil && errB == nil
}

// ErrNone says that no usable interpreter was found.
var ErrNone = errors.New("no Python interpreter found")

// Choose picks the interpreter for a function that wants a version: that very
// version, else the nearest newer one, else the newest older one. Whoever gets
// another version than the wanted one must tell the user.
func Choose(found []Interpreter, want Version) (Interpreter, error) {
	var newer, older *Interpreter
	for i := range found {
		f := &found[i]
		switch c := f.Version.Compare(want); {
		case c == 0:
			return *f, nil
		case c > 0 && (newer == nil || f.Version.Compare(newer.Version) < 0):
			newer = f
		case c < 0 && (older == nil || f.Version.Compare(older.Version) > 0):
			older = f
		}
	}
	if best := cmp.Or(newer, older); best != nil {
		return *best, nil
	}
	return Interpreter{}, fmt.Errorf("choose Python %s: %w", want, ErrNone)
}
