package project

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"stormbus/internal/board"
)

// small are the files of the template that is used if none is named.
//
//go:embed all:template
var small embed.FS

// Template is a project to begin with: its board and what people would have
// written. What is generated is not part of it.
type Template struct {
	Files fs.FS
	// Name is the name that stands for the new project's in the files. If it is
	// empty, the board keeps its name.
	Name string
}

// Small returns a template with two services and one reaction.
func Small() (Template, error) {
	files, err := fs.Sub(small, "template")
	if err != nil {
		return Template{}, fmt.Errorf("read the template: %w", err)
	}
	return Template{Files: files, Name: "myproject"}, nil
}

// maxName leaves room in the names of functions, which have 64 characters.
const maxName = 24

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// CheckName says what is wrong with the name of a new project.
func CheckName(name string) error {
	switch {
	case !nameForm.MatchString(name):
		slug := board.Slug(name)
		if !nameForm.MatchString(slug) || len(slug) > maxName {
			slug = "my-shop"
		}
		return fmt.Errorf("the name %q: want small letters and digits with dashes between them, such as %s", name, slug)
	case len(name) > maxName:
		return fmt.Errorf("the name %q has %d characters, and all names begin with it: want %d at most", name, len(name), maxName)
	}
	return nil
}

// Create makes a project of a template in the folder dir, which must be empty or
// not there, and returns the paths of its files. The folder's name is the
// project's. It is made whole or not at all.
func Create(dir string, t Template) (files []string, err error) {
	name := filepath.Base(dir)
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if err := vacant(dir); err != nil {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	draft, err := os.MkdirTemp(parent, "."+name+"-")
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, explain(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }()
	if err := os.Chmod(draft, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	if files, err = t.fill(draft, name); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	if err := os.Rename(draft, dir); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	return files, nil
}

// vacant says what stands in the way of a new folder.
func vacant(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("make %s: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("%s: there is a file of this name; take another name", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: the folder is not empty; take another name", dir)
	}
	return nil
}

// fill writes the template's files, and those that its board results in.
func (t Template) fill(dir, name string) ([]string, error) {
	var files []string
	err := fs.WalkDir(t.Files, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(t.Files, at)
		if err != nil {
			return err
		}
		if text, err = t.rename(at, text, name); err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(at))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		files = append(files, at)
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return nil, err
	}
	p, err := Open(dir)
	if err != nil {
		return nil, err
	}
	generated, err := p.Generate()
	return append(files, generated...), err
}

// rename gives a file of the template the project's name. In the board it is
// done by what it says, since some names are to be quoted there.
func (t Template) rename(at string, text []byte, name string) ([]byte, error) {
	switch {
	case t.Name == "":
		return text, nil
	case at != BoardFile:
		return bytes.ReplaceAll(text, []byte(t.Name), []byte(name)), nil
	}
	f, err := board.Parse(at, text)
	if err != nil {
		return nil, err
	}
	b := f.Board()
	for _, e := range []struct{ section, field, value string }{
		{"", "name", b.Name}, {"bus", "name", b.Bus.Name}, {"bus", "source", b.Bus.Source},
	} {
		value, err := json.Marshal(strings.ReplaceAll(e.value, t.Name, name))
		if err != nil {
			return nil, err
		}
		if f, err = f.Apply(board.Edit{Op: board.Put, Section: e.section, Field: e.field, Value: value}); err != nil {
			return nil, err
		}
	}
	return f.Format(), nil
}
