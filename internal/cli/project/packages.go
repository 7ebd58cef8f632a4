package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // of the script
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"stormbus/internal/plan"
)

//go:embed packages.py
var packagesScript string

// requirementsFile names the packages that a service imports.
const requirementsFile = "requirements.txt"

// asked is what an interpreter said about a service's packages.
type asked struct {
	requirements [sha256.Size]byte
	missing      []notice
}

// packages says which packages that a service requires its interpreter does not
// have. Nothing is installed here.
func (l *Live) packages(ctx context.Context, r *round, folders map[string][]plan.Function) {
	for folder, functions := range folders {
		file := l.bundles[folder].find(requirementsFile)
		if file == nil {
			delete(l.asked, folder)
			continue
		}
		was, known := l.asked[folder]
		if !known || was.requirements != file.digest {
			missing, err := l.missing(ctx, folder, functions[0].Runtime, file)
			if err != nil {
				if ctx.Err() == nil {
					r.say(warningOf(err))
				}
				continue
			}
			was = asked{file.digest, missing}
			l.asked[folder] = was
		}
		r.say(was.missing...)
	}
}

// missing asks the interpreter of a runtime for the packages of a file.
func (l *Live) missing(ctx context.Context, folder, runtime string, file *bundled) ([]notice, error) {
	lines := requirements(file.content)
	interpreter, err := l.syntax.interpreter(ctx, runtime)
	if err != nil || interpreter == "" || len(lines) == 0 {
		return nil, err
	}
	dir, err := filepath.Abs(l.Project.shown(folder))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(lines))
	for _, line := range lines {
		names = append(names, line.name)
	}
	var missing []string
	if err := ask(ctx, interpreter, packagesScript, []any{dir, names}, &missing, "-I"); err != nil {
		return nil, fmt.Errorf("look for packages: %w", err)
	}
	at := l.Project.shown(path.Join(folder, requirementsFile))
	var notices []notice
	for _, line := range lines {
		if !slices.Contains(missing, line.name) {
			continue
		}
		problem := Problem{
			File: at, Line: line.number, Message: line.name + " is not installed for " + interpreter + ", which runs the functions",
			Remedy: fmt.Sprintf("`%s -m pip install -r %s` installs it", interpreter, at), Warning: true,
		}
		notices = append(notices, notice{problem.String(), problem})
	}
	return notices, nil
}

// requirement is a line of a file of requirements.
type requirement struct {
	name   string
	number int
}

var packageName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)

// requirements are the packages that a file names. Options, addresses, and
// lines that hold for some systems only are left out.
func requirements(text []byte) []requirement {
	var all []requirement
	number := 0
	for line := range bytes.Lines(text) {
		number++
		required, _, _ := strings.Cut(string(line), "#")
		required = strings.TrimSpace(required)
		if strings.ContainsAny(required, ";@/\\") || strings.HasPrefix(required, "-") {
			continue
		}
		if name := packageName.FindString(required); name != "" {
			all = append(all, requirement{name, number})
		}
	}
	return all
}
