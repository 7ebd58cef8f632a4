// Command shapegen writes the Go packages below internal/shape from AWS's API
// models.
//
// The models are the api-2.json files inside the Go module
// github.com/aws/aws-sdk-go, which is only read, never compiled. A file in the
// overlay directory adds to the model of the package of the same name: what is
// newer than the module, and what AWS does not publish in a model. The list
// services.txt names the operations that get Go types.
//
// The output depends on nothing but these inputs, so that generating twice
// changes no file. "go generate ./..." in the repository runs it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The module that holds the models, and what it must be.
const (
	modelModule  = "github.com/aws/aws-sdk-go"
	modelVersion = "v1.55.8"
	modelSum     = "h1:JRmEUbU52aJQZ2AjX4q4Wu7t4uZjOu71uyNmaWlUkJQ="
)

func main() {
	list := flag.String("list", "shapegen/services.txt", "the services and operations to generate")
	overlay := flag.String("overlay", "shapegen/overlay", "directory of additions to the models")
	models := flag.String("models", "", "directory of models (default: models/apis of "+modelModule+")")
	out := flag.String("out", "", "directory that gets one package per service")
	flag.Parse()
	if err := run(*list, *overlay, *models, *out); err != nil {
		fmt.Fprintln(os.Stderr, "shapegen:", err)
		os.Exit(1)
	}
}

func run(list, overlay, models, out string) error {
	if out == "" {
		return errors.New("flag -out is missing")
	}
	if models == "" {
		dir, err := moduleDir()
		if err != nil {
			return err
		}
		models = filepath.Join(dir, "models", "apis")
	}
	services, err := readList(list)
	if err != nil {
		return err
	}
	for _, s := range services {
		m, err := load(models, overlay, s)
		if err != nil {
			return fmt.Errorf("package %s: %w", s.Package, err)
		}
		files, err := generate(s, m)
		if err != nil {
			return fmt.Errorf("package %s: %w", s.Package, err)
		}
		if err := write(filepath.Join(out, s.Package), files); err != nil {
			return err
		}
	}
	all, err := catalog(services)
	if err != nil {
		return fmt.Errorf("package %s: %w", catalogName, err)
	}
	return write(filepath.Join(out, catalogName), map[string][]byte{"catalog.go": all})
}

// moduleDir returns where the module with the models is on this machine, and
// fetches it if it is not. It checks that the module is the expected one.
func moduleDir() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", modelModule+"@"+modelVersion)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("fetch %s@%s: %w\n%s", modelModule, modelVersion, err, stdout)
	}
	var m struct{ Dir, Sum string }
	if err := json.Unmarshal(stdout, &m); err != nil {
		return "", fmt.Errorf("fetch %s@%s: %w", modelModule, modelVersion, err)
	}
	if m.Sum != modelSum {
		return "", fmt.Errorf("module %s@%s has sum %s, want %s", modelModule, modelVersion, m.Sum, modelSum)
	}
	return m.Dir, nil
}

// write makes dir hold exactly files. A file that is the same already is not
// touched.
func write(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, keep := files[filepath.Base(name)]; !keep {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && string(have) == string(content) {
			continue
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			return err
		}
	}
	return nil
}
