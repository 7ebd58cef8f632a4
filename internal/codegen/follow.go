package codegen

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// follow moves what else people wrote in the folder of a service that was
// renamed: handlers import it.
func (c *comparison) follow() error {
	folders := map[string]string{}
	for _, change := range c.changes {
		if from, to := serviceFolder(change.From), serviceFolder(change.Path); change.Action == Move && from != to {
			folders[from] = to
		}
	}
	for path := range c.planned {
		delete(folders, serviceFolder(path)) // another service has it now
	}
	for from, to := range folders {
		if err := c.followTo(from, to); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) followTo(from, to string) error {
	err := fs.WalkDir(c.root, from, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == from+"/gen" || c.ofTools(name)):
			return fs.SkipDir
		case entry.IsDir() || c.lock.Generated[name] != "" || c.moved[name]:
			return nil
		}
		next := to + strings.TrimPrefix(name, from)
		switch _, err := fs.Stat(c.root, next); {
		case err == nil:
			return nil // there is a file already: it stays for a person to look at
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if !c.planned[next] && c.lock.Once[name] == "" {
			c.move(name, next, serviceRenamed)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look through %s, whose service was renamed: %w", from, err)
	}
	return nil
}

// ofTools reports whether a folder holds what tools made, and make again.
func (c *comparison) ofTools(folder string) bool {
	name := path.Base(folder)
	if name == "__pycache__" || name == "node_modules" || strings.HasPrefix(name, ".") {
		return true
	}
	_, err := fs.Stat(c.root, folder+"/pyvenv.cfg")
	return err == nil
}

// serviceFolder is the folder of the service that a file belongs to.
func serviceFolder(file string) string {
	for path.Dir(path.Dir(file)) != "." {
		file = path.Dir(file)
	}
	return file
}
