package project

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"stormbus/internal/function/code"
)

// maxDepth is how deep the folders of a service may be nested.
const maxDepth = 32

// bundle is what the folder of a service held at one moment: what is checked is
// what is deployed, whatever is saved in between.
type bundle struct {
	files  []bundled // by path
	digest [sha256.Size]byte
	zipped []byte // the package, once it was made
}

// bundled is one file of a bundle.
type bundled struct {
	path       string // within the folder, with slashes
	content    []byte
	executable bool
	digest     [sha256.Size]byte
}

// find returns the file at a path, or nil.
func (b *bundle) find(name string) *bundled {
	i, ok := slices.BinarySearchFunc(b.files, name, func(f bundled, name string) int { return cmp.Compare(f.path, name) })
	if !ok {
		return nil
	}
	return &b.files[i]
}

// readBundle reads the folder of a service. The folder is named from the
// project's, which nothing leads out of.
func readBundle(project *os.Root, folder string) (*bundle, error) {
	info, err := project.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such folder; `stormbus generate` makes it", folder)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", folder, explain(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s: it is a file, and should be the folder of a service; move it away", folder)
	}
	r := reader{project: project, folder: folder, left: code.MaxUnzipped}
	if err := r.dir(".", 0); err != nil {
		return nil, err
	}
	slices.SortFunc(r.files, func(a, b bundled) int { return cmp.Compare(a.path, b.path) })
	return &bundle{files: r.files, digest: digestOf(r.files)}, nil
}

func digestOf(files []bundled) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%q %t %x\n", f.path, f.executable, f.digest)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// reader reads one folder.
type reader struct {
	project *os.Root
	folder  string
	files   []bundled
	left    int64 // bytes that may still come
}

func (r *reader) dir(name string, depth int) error {
	at := path.Join(r.folder, name)
	if depth > maxDepth {
		return fmt.Errorf("%s: folders are nested more than %d deep", at, maxDepth)
	}
	dir, err := r.project.Open(at)
	if err != nil {
		return fmt.Errorf("%s: %w", at, explain(err))
	}
	entries, err := dir.ReadDir(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return fmt.Errorf("%s: %w", at, explain(err))
	}
	if isVirtualEnvironment(entries) {
		return nil
	}
	for _, e := range entries {
		below := path.Join(name, e.Name())
		if ignored(below, e.IsDir()) {
			continue
		}
		if e.IsDir() {
			err = r.dir(below, depth+1)
		} else {
			err = r.file(below)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) file(name string) error {
	at := path.Join(r.folder, name)
	info, err := r.project.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := r.project.Lstat(at); err == nil {
			return fmt.Errorf("%s: the link leads nowhere; remove it", at)
		}
		return nil // removed just now: there is a next look
	case err != nil:
		return fmt.Errorf("%s: %w", at, explain(err))
	case info.IsDir():
		return fmt.Errorf("%s: it is a link to a folder, which a package cannot hold; put the folder itself there", at)
	case !info.Mode().IsRegular():
		return nil // a socket, a pipe
	}
	if r.left -= info.Size(); r.left < 0 {
		return r.tooLarge(at)
	}
	file, err := r.project.Open(at)
	if err != nil {
		return fmt.Errorf("%s: %w", at, explain(err))
	}
	content, err := io.ReadAll(io.LimitReader(file, info.Size()+r.left+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", at, explain(err))
	}
	if r.left -= int64(len(content)) - info.Size(); r.left < 0 {
		return r.tooLarge(at)
	}
	r.files = append(r.files, bundled{
		path: name, content: content, executable: info.Mode().Perm()&0o100 != 0, digest: sha256.Sum256(content),
	})
	return nil
}

// tooLarge names the largest file, which most likely should not be there.
func (r *reader) tooLarge(last string) error {
	largest, size := last, int64(0)
	for _, f := range r.files {
		if n := int64(len(f.content)); n > size {
			largest, size = path.Join(r.folder, f.path), n
		}
	}
	return fmt.Errorf("%s: the files of a service may have %d MB together, and these have more; the largest so far is %s",
		r.folder, code.MaxUnzipped>>20, largest)
}

// explain says in plain words what os.Root refuses.
func explain(err error) error {
	if strings.Contains(err.Error(), "path escapes from parent") {
		return errors.New("it is a link that leads out of the project's folder; put what it leads to into the folder")
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// ignored reports whether a file or a folder of a service, named from the
// service's folder, is no part of what is deployed: what is hidden, what tools
// leave behind, and tests.
func ignored(name string, isDir bool) bool {
	base := path.Base(name)
	switch {
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "#"), strings.HasSuffix(base, "~"):
		return true
	case isDir:
		return base == "__pycache__" || base == "node_modules" || name == "tests" || name == "gen/samples"
	}
	return strings.HasSuffix(base, ".pyc") || base == "conftest.py" ||
		strings.HasPrefix(base, "test_") && strings.HasSuffix(base, ".py")
}

// isVirtualEnvironment reports whether entries are those of a folder that
// python -m venv made.
func isVirtualEnvironment(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "pyvenv.cfg" })
}
