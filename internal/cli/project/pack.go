package project

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
)

// pack reads the services' folders and decides what each function runs: what is
// there now or, if that is broken, what it ran before. The result is nil for a
// function that keeps what the server has. It reports whether there is
// something for each.
func (l *Live) pack(ctx context.Context, r *round) (code map[string]*bundle, ok bool) {
	folders := foldersOf(l.good.Plan)
	if !l.readBundles(r, folders) {
		return nil, false
	}
	broken := l.broken(ctx, r, folders)
	l.packages(ctx, r, folders)
	code = map[string]*bundle{}
	for _, functions := range folders {
		for _, f := range functions {
			if !broken[f.Name] {
				l.code[f.Name] = l.bundles[f.Folder]
			}
			code[f.Name] = l.code[f.Name]
			if code[f.Name] != nil {
				continue
			}
			// It was broken when stormbus was started.
			exists, err := l.Exists(ctx, f.Name)
			if err != nil {
				r.wrong(fmt.Errorf("function %s: %w", f.Name, err))
				return nil, false
			}
			if !exists {
				// Its events are not lost this way: they are tried again, and
				// then they are dead letters.
				code[f.Name] = l.bundles[f.Folder]
			}
		}
	}
	return code, true
}

// foldersOf are the functions of a plan by the folders of their code.
func foldersOf(p *plan.Plan) map[string][]plan.Function {
	folders := map[string][]plan.Function{}
	for _, f := range p.Functions {
		folders[f.Folder] = append(folders[f.Folder], f)
	}
	return folders
}

// readBundles reads the folders. One that cannot be read stays as it was; it
// reports false if it never could.
func (l *Live) readBundles(r *round, folders map[string][]plan.Function) bool {
	root, err := l.Project.root()
	if err != nil {
		r.wrong(err)
		return false
	}
	defer root.Close()
	ok := true
	for folder := range folders {
		b, err := readBundle(root, folder)
		if err == nil && l.bundles[folder] != nil && l.bundles[folder].digest == b.digest {
			continue
		}
		if err == nil {
			b.zipped, err = b.zip()
			if err != nil {
				err = fmt.Errorf("%s: %w", folder, err)
			}
		}
		if err != nil {
			r.wrong(fmt.Errorf("%s%w", l.Project.prefix(), err))
			ok = ok && l.bundles[folder] != nil
			continue
		}
		l.bundles[folder] = b
	}
	return ok
}

// broken are the functions that cannot run: their module is gone, or does not
// compile, or a module does not that all functions of the service may import.
func (l *Live) broken(ctx context.Context, r *round, folders map[string][]plan.Function) map[string]bool {
	problems, err := l.syntax.check(ctx, l.sources(folders))
	if err != nil && ctx.Err() == nil {
		r.say(warningOf(fmt.Errorf("%w (it goes on unchecked)", err)))
	}
	broken := map[string]bool{}
	for folder, functions := range folders {
		own := map[string]bool{} // modules that are one function's
		for _, f := range functions {
			name := path.Join(folder, moduleFile(f.Module))
			own[name] = true
			if l.bundles[folder].find(moduleFile(f.Module)) == nil {
				broken[f.Name] = true // generate has said so
			}
			if p, bad := problems[name]; bad {
				broken[f.Name] = true
				r.say(l.syntaxError(p, "function "+f.Name))
			}
		}
		for name, p := range problems {
			if own[name] || !strings.HasPrefix(name, folder+"/") {
				continue
			}
			r.say(l.syntaxError(p, "service "+path.Base(folder)))
			for _, f := range functions {
				broken[f.Name] = true
			}
		}
	}
	return broken
}

func (l *Live) syntaxError(p Problem, who string) notice {
	digest := l.digestOf(p.File)
	p.File = l.Project.shown(p.File)
	p.Remedy = who + " keeps the code that it has until this is mended"
	return notice{fmt.Sprintf("%x %s", digest, p), p}
}

// sources are the Python files to check: all but those that were generated and
// nobody edited.
func (l *Live) sources(folders map[string][]plan.Function) []source {
	generated := map[string][]byte{}
	for _, f := range l.good.Files {
		if f.Zone == codegen.Generated {
			generated[f.Path] = f.Content
		}
	}
	var list []source
	for folder, functions := range folders {
		b := l.bundles[folder]
		for i := range b.files {
			f := &b.files[i]
			name := path.Join(folder, f.path)
			if path.Ext(f.path) != ".py" || string(generated[name]) == string(f.content) && generated[name] != nil {
				continue
			}
			list = append(list, source{path: name, runtime: functions[0].Runtime, file: f})
		}
	}
	return list
}

// moduleFile is the file of a module within its folder.
func moduleFile(module string) string { return strings.ReplaceAll(module, ".", "/") + ".py" }

// apply makes the server have what the last good board says, unless it was told
// the same before.
func (l *Live) apply(ctx context.Context, r *round) {
	code, ok := l.pack(ctx, r)
	if !ok || ctx.Err() != nil {
		return
	}
	want, err := fingerprint(l.good.Plan, code)
	if err != nil {
		r.wrong(err)
		return
	}
	if want == l.applied {
		return
	}
	r.resources, err = l.Apply(ctx, l.good.Plan, func(f plan.Function) ([]byte, error) {
		if code[f.Name] == nil {
			return nil, deploy.ErrKeep
		}
		return code[f.Name].zipped, nil
	})
	if err != nil {
		l.applied = [32]byte{} // try again after the next save
		r.wrong(errors.New(l.Project.shown(BoardFile) + ": " + err.Error()))
		return
	}
	l.applied, r.applied = want, true
	l.renamed(ctx, r)
}

// renamed removes what the board made under the name that it had before: both
// would handle the same events.
func (l *Live) renamed(ctx context.Context, r *round) {
	was := l.name
	l.name = l.good.Plan.Name
	if was == "" || was == l.name {
		return
	}
	removed, err := l.Remove(ctx, was)
	r.resources = append(r.resources, removed...)
	if err != nil {
		r.wrong(fmt.Errorf("%s: the board was called %s, and what it made then is still there: %w", l.Project.shown(BoardFile), was, err))
	}
}
