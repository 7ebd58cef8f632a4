package code

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// MaxUnzipped is how many bytes the files of a function may have together.
const MaxUnzipped = 262_144_000

const (
	maxEntries   = 200_000 // far beyond any package; each costs an inode
	maxLink      = 4096
	maxComponent = 255

	bytecode = "__pycache__" // where the interpreter writes what it compiled
)

// What can be wrong with a zip file.
var (
	ErrMalformed = errors.New("not a zip file that can be unpacked")
	ErrEmpty     = errors.New("the zip file is empty")
	ErrTooLarge  = fmt.Errorf("the unzipped size is larger than %d bytes", MaxUnzipped)
)

func malformed(name, why string) error { return fmt.Errorf("%w: %q %s", ErrMalformed, name, why) }

// unpacker unpacks one zip file below root.
type unpacker struct {
	root  *os.Root
	left  int64                  // bytes that may still come out
	kinds map[string]fs.FileMode // what is at each path: regular (0), directory or link
	links []*zip.File
}

// unpack fills the empty directory dir and makes it read-only.
func unpack(r *zip.Reader, dir string) error {
	if len(r.File) == 0 {
		return ErrEmpty
	}
	if len(r.File) > maxEntries {
		return fmt.Errorf("%w: more than %d entries", ErrMalformed, maxEntries)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	u := &unpacker{root: root, left: MaxUnzipped, kinds: map[string]fs.FileMode{".": fs.ModeDir}}
	for _, f := range r.File {
		if err := u.entry(f); err != nil {
			return err
		}
	}
	// Links come last, so that no file is ever written through one.
	for _, f := range u.links {
		if err := u.link(f); err != nil {
			return err
		}
	}
	for _, f := range u.links {
		if err := u.staysInside(f); err != nil {
			return err
		}
	}
	return u.seal()
}

func (u *unpacker) entry(f *zip.File) error {
	name, err := cleanName(f.Name)
	if err != nil {
		return err
	}
	kind := f.Mode().Type()
	if strings.HasSuffix(f.Name, "/") {
		kind = fs.ModeDir
	}
	if kind == fs.ModeDir {
		return u.directory(name)
	}
	if kind != 0 && kind != fs.ModeSymlink {
		return malformed(f.Name, "is neither a file, a directory nor a link")
	}
	if _, ok := u.kinds[name]; ok {
		return malformed(f.Name, "occurs twice")
	}
	if err := u.directory(path.Dir(name)); err != nil {
		return err
	}
	u.kinds[name] = kind
	if kind == fs.ModeSymlink {
		u.links = append(u.links, f)
		return nil
	}
	return u.file(f, name)
}

// cleanName checks a name as the zip file gives it and returns it in its
// shortest form.
func cleanName(given string) (string, error) {
	name := path.Clean(given)
	switch {
	case given == "":
		return "", malformed(given, "has no name")
	case strings.ContainsAny(given, "\\\x00"):
		return "", malformed(given, "has a backslash or a zero byte in its name")
	case !fs.ValidPath(name) && strings.HasPrefix(given, "/"):
		return "", malformed(given, "has an absolute name")
	case len(given) >= 2 && given[1] == ':':
		return "", malformed(given, "has a name with a drive letter")
	case slices.Contains(strings.Split(given, "/"), ".."):
		return "", malformed(given, "has a name that leads out of its directory")
	}
	for part := range strings.SplitSeq(name, "/") {
		if len(part) > maxComponent {
			return "", malformed(given[:maxComponent], "has a name that is too long")
		}
	}
	return name, nil
}

// directory makes the directory name and those above it.
func (u *unpacker) directory(name string) error {
	if kind, ok := u.kinds[name]; ok {
		if kind != fs.ModeDir {
			return malformed(name, "is a directory and something else")
		}
		return nil
	}
	if err := u.directory(path.Dir(name)); err != nil {
		return err
	}
	u.kinds[name] = fs.ModeDir
	return u.root.Mkdir(name, 0o755)
}

func (u *unpacker) file(f *zip.File, name string) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer in.Close()
	out, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	src := &source{r: in}
	n, err := io.Copy(out, io.LimitReader(src, u.left+1))
	if src.err != nil {
		return fmt.Errorf("%w: %q: %w", ErrMalformed, f.Name, src.err)
	}
	if err != nil {
		return err
	}
	if u.left -= n; u.left < 0 {
		return ErrTooLarge
	}
	mode := fs.FileMode(0o444)
	if f.Mode()&0o111 != 0 {
		mode = 0o555
	}
	if err := out.Chmod(mode); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	// Bytecode that the zip file brings along is valid only for this time.
	if t := f.Modified; t.Year() >= 1980 && t.Year() < 2200 {
		return u.root.Chtimes(name, t, t)
	}
	return nil
}

// source remembers an error of reading, which io.Copy does not tell from one
// of writing.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (u *unpacker) link(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer in.Close()
	target, err := io.ReadAll(io.LimitReader(in, maxLink+1))
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrMalformed, f.Name, err)
	}
	to := string(target)
	if to == "" || len(to) > maxLink || strings.ContainsAny(to, "\\\x00") || path.IsAbs(to) {
		return malformed(f.Name, "is a link to nowhere or out of its directory")
	}
	return u.root.Symlink(to, path.Clean(f.Name))
}

// staysInside follows a link. A chain of links can lead out where none of them
// does on its own, so this looks when all of them are there. A link to
// something that does not exist is harmless: nothing can come to be there.
func (u *unpacker) staysInside(f *zip.File) error {
	_, err := u.root.Stat(path.Clean(f.Name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return malformed(f.Name, "is a link that cannot be followed inside its directory")
}

// seal makes all directories read-only, except one for bytecode beside Python
// files.
func (u *unpacker) seal() error {
	var dirs, caches []string
	for name, kind := range u.kinds {
		switch {
		case kind == fs.ModeDir && path.Base(name) != bytecode:
			dirs = append(dirs, name)
		case kind == 0 && path.Ext(name) == ".py" && path.Base(path.Dir(name)) != bytecode:
			caches = append(caches, path.Join(path.Dir(name), bytecode))
		}
	}
	slices.Sort(caches)
	for _, name := range slices.Compact(caches) {
		if _, taken := u.kinds[name]; taken {
			continue
		}
		if err := u.root.Mkdir(name, 0o755); err != nil {
			return err
		}
	}
	for _, name := range dirs {
		if err := u.root.Chmod(name, 0o555); err != nil {
			return err
		}
	}
	return nil
}
