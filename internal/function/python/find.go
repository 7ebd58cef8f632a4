package python

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stormbus/internal/clock"
)

// Interpreter is a Python executable and its version.
type Interpreter struct {
	Path    string
	Version Version
}

// Search says where to look for interpreters. The zero value finds none.
type Search struct {
	// First holds executables that go before all others, as the user named
	// them.
	First []string
	// Path is a list of directories in the form of the PATH variable.
	Path string
	// Home is the user's home directory, below which version managers keep
	// their interpreters.
	Home string
	// Env is the environment in which an executable is asked what it is.
	Env []string
}

// managed is where version managers keep real executables, below the home
// directory.
var managed = []string{
	".pyenv/versions/*/bin",
	".local/share/uv/python/*/bin",
	".asdf/installs/python/*/bin",
	".local/share/mise/installs/python/*/bin",
}

// askTimeout bounds how long an executable may take to say what it is.
const askTimeout = 10 * time.Second

// askGrace bounds how long, once an executable was ended, a program that it
// started may keep the pipe for its answer open.
const askGrace = 100 * time.Millisecond

// Find returns the interpreters that it finds, one for each version from
// [Oldest], newest version first.
//
// Files called pythonX.Y are believed. Scripts of that name (the shims of
// version managers, which add a shell's start to every run) and plain
// "python3" of unknown version have to be run to learn what they stand for;
// that is done last, and only for versions that were not found otherwise.
func Find(ctx context.Context, s Search) []Interpreter {
	f := finder{search: s, found: map[Version]string{}}
	for _, path := range s.First {
		if at, v, err := ask(ctx, path, s.Env); err == nil {
			f.add(at, v)
		}
	}
	for _, dir := range filepath.SplitList(s.Path) {
		f.scan(dir)
	}
	if s.Home != "" {
		for _, pattern := range managed {
			dirs, _ := filepath.Glob(filepath.Join(s.Home, pattern)) // the pattern is well-formed
			slices.Reverse(dirs)                                     // of two patch levels the newer one first
			for _, dir := range dirs {
				f.scan(dir)
			}
		}
	}
	f.askRest(ctx)
	list := make([]Interpreter, 0, len(f.found))
	for v, path := range f.found {
		list = append(list, Interpreter{Path: path, Version: v})
	}
	slices.SortFunc(list, func(a, b Interpreter) int { return b.Version.Compare(a.Version) })
	return list
}

type finder struct {
	search Search
	found  map[Version]string
	shims  []Interpreter // what has to be asked; no version if the name does not tell
}

func (f *finder) add(path string, v Version) {
	if _, ok := f.found[v]; !ok && v.Compare(Oldest) >= 0 {
		f.found[v] = path
	}
}

// scan looks at the executables of one directory.
func (f *finder) scan(dir string) {
	if !filepath.IsAbs(dir) {
		return // an executable in the working directory is nobody's choice
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "python3*")) // a strange directory name finds nothing
	for _, path := range paths {
		name := filepath.Base(path)
		v, named := ParseName(name)
		if !named && name != "python3" || !executable(path) {
			continue
		}
		if isScript(path) {
			f.shims = append(f.shims, Interpreter{Path: path, Version: v})
			continue
		}
		if !named {
			v, named = linkedVersion(path)
		}
		if named {
			f.add(path, v)
		} else {
			f.shims = append(f.shims, Interpreter{Path: path})
		}
	}
}

func (f *finder) askRest(ctx context.Context) {
	for _, shim := range f.shims {
		_, known := f.found[shim.Version]
		unnamed := shim.Version == Version{}
		old := !unnamed && shim.Version.Compare(Oldest) < 0
		if known || old || unnamed && len(f.found) > 0 {
			continue
		}
		// A shim of a version that is not activated fails; it is not there.
		if path, v, err := ask(ctx, shim.Path, f.search.Env); err == nil {
			f.add(path, v)
		}
	}
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

func isScript(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [2]byte
	n, _ := file.Read(head[:])
	return string(head[:n]) == "#!"
}

// linkedVersion tells the version of "python3" where that is a link to a file
// whose name says it. The link itself is what gets run: in a virtual
// environment it stands for other packages than its target.
func linkedVersion(path string) (Version, bool) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Version{}, false
	}
	return ParseName(filepath.Base(target))
}

// ask runs an executable to learn which file it is and which version.
func ask(ctx context.Context, path string, env []string) (string, Version, error) {
	ctx, cancel := clock.WithTimeout(ctx, clock.Real(), askTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-c", "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)")
	cmd.Env = env
	cmd.WaitDelay = askGrace
	out, err := cmd.Output()
	if err != nil {
		return "", Version{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	version, real, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	v, ok := parseVersion(strings.TrimSpace(version))
	if !ok {
		return "", Version{}, fmt.Errorf("ask %s for its version: it answered %q", path, out)
	}
	return strings.TrimSpace(real), v, nil
}
