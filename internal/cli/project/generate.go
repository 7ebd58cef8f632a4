package project

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"stormbus/internal/codegen"
)

// generated is what became of the files of a project.
type generated struct {
	changes  []codegen.Change // what was done
	notices  []notice         // what was left alone, and why
	handlers map[string]bool  // the Once files that are there
}

// generate writes the files that are missing or stale. What a person wrote is
// left alone, and so are the generated files that somebody edited. A Once file
// that was there and is gone is not written again: whoever deleted it may want
// it back as it was.
func (p *Project) generate(files []codegen.File, was map[string]bool) (generated, error) {
	out := generated{handlers: map[string]bool{}}
	root, err := p.root()
	if err != nil {
		return out, err
	}
	defer root.Close()
	if err := p.inTheWay(root, files); err != nil {
		return out, err
	}
	changes, err := codegen.Compare(root.FS(), files)
	if err != nil {
		return out, fmt.Errorf("generate: %w", err)
	}
	once := map[string]codegen.File{}
	for _, f := range files {
		if f.Zone == codegen.Once {
			once[f.Path], out.handlers[f.Path] = f, true
		}
	}
	todo, pending := make([]codegen.Change, 0, len(changes)), false
	for _, c := range changes {
		f, isOnce := once[c.Path]
		switch {
		case c.Action == codegen.Create && isOnce && was[c.Path]:
			delete(out.handlers, c.Path)
			if isHandler(f) {
				out.notices = append(out.notices, p.deleted(f))
			}
			continue
		case c.Action.Pending():
			if c.Path != codegen.LockFile {
				out.changes = append(out.changes, c)
			}
		case c.Action != codegen.Leave:
			out.notices = append(out.notices, p.leftAlone(c))
		}
		todo, pending = append(todo, c), pending || c.Action.Pending()
	}
	if !pending {
		return out, nil
	}
	if err := codegen.Write(p.dir, files, todo); err != nil {
		return out, fmt.Errorf("generate: %w", err)
	}
	return out, nil
}

// inTheWay says which file stands where a folder is to be, and the other way
// round.
func (p *Project) inTheWay(root *os.Root, files []codegen.File) error {
	seen := map[string]bool{".": true}
	for _, f := range files {
		if info, err := root.Stat(f.Path); err == nil && info.IsDir() {
			return fmt.Errorf("%s: it is a folder, and a file is to be there; move it away", p.shown(f.Path))
		}
		for dir := path.Dir(f.Path); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			if info, err := root.Stat(dir); err == nil && !info.IsDir() {
				return fmt.Errorf("%s: it is a file, and a folder is to be there; move it away", p.shown(dir))
			}
		}
	}
	return nil
}

// isHandler reports whether a file is the beginning of a handler.
func isHandler(f codegen.File) bool {
	return f.Zone == codegen.Once && (strings.HasPrefix(f.Item, "triggers.") || strings.HasPrefix(f.Item, "views."))
}

// deleted says that a file which is a person's is gone.
func (p *Project) deleted(f codegen.File) notice {
	return notice{
		key: "deleted " + f.Path,
		problem: Problem{
			File: p.shown(f.Path), Message: "it is gone; what runs keeps the code that it has",
			Remedy: fmt.Sprintf("`git checkout %s` brings it back, and `stormbus generate` begins a new one", f.Path),
		},
	}
}

// leftAlone says why nothing was done about a file, and what can be.
func (p *Project) leftAlone(c codegen.Change) notice {
	edited := c.Action == codegen.Edited
	problem := Problem{File: p.shown(c.Path), Line: c.Line, Message: c.Why, Warning: !edited}
	if edited {
		problem.Remedy = "`stormbus generate --overwrite` does that"
	}
	return notice{key: fmt.Sprint(c.Action, c.Path, c.Line), problem: problem}
}

// Generate writes the files of a project's board that are missing, and returns
// their paths. It is for a folder that is new: anything that stands in the way
// is an error.
func (p *Project) Generate() (created []string, err error) {
	state, err := p.Load()
	if err != nil {
		return nil, err
	}
	out, err := p.generate(state.Files, nil)
	if err != nil {
		return nil, err
	}
	for _, n := range out.notices {
		err = errors.Join(err, errors.New(n.problem.String()))
	}
	for _, c := range out.changes {
		created = append(created, c.Path)
	}
	return created, err
}
