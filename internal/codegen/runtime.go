package codegen

import (
	"embed"
	"path"
	"strings"
)

// python holds the files that are the same in every service.
//
//go:embed all:python/*.py
var python embed.FS

const modelPrefix = "_model_"

// runtime returns the files that are the same in every service with that kind
// of classes, by name.
func runtime(models string) map[string]string {
	entries, err := python.ReadDir("python")
	if err != nil {
		panic(err) // it is part of the program
	}
	files := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if kind, ok := strings.CutPrefix(name, modelPrefix); ok {
			if kind != models+".py" {
				continue
			}
			name = "_model.py"
		}
		text, err := python.ReadFile(path.Join("python", e.Name()))
		if err != nil {
			panic(err)
		}
		files[name] = string(text)
	}
	return files
}
