package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"stormbus/examples/cinema"
	"stormbus/internal/cli/project"
)

// cinemaTemplate is the name of the running example as a template.
const cinemaTemplate = "cinema"

func newNew(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a folder with a small project that runs",
		Long: "Make the folder NAME with a small project that runs: a board with two services and a reaction, the\n" +
			"code that follows from it, and handlers. NAME is the project's name; it may have a path before it.",
		Args: usage(cobra.ExactArgs(1)),
	}
	from := cmd.Flags().String("from", "", "make a copy of an example instead: "+cinemaTemplate)
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		t, err := templateNamed(*from)
		if err != nil {
			return err
		}
		dir := filepath.Clean(args[0])
		if err := project.CheckName(filepath.Base(dir)); err != nil {
			return withCode(exitUsage, "%w", err)
		}
		files, err := project.Create(dir, t)
		if err != nil {
			return err
		}
		if form == "json" {
			for i, name := range files {
				files[i] = filepath.Join(dir, filepath.FromSlash(name))
			}
			return printJSON(env.Stdout, map[string]any{"dir": dir, "board": filepath.Join(dir, boardFile), "files": files})
		}
		printNext(env, dir, len(files))
		return nil
	}
	return cmd
}

// templateNamed returns the template of a name; without one it is the small one.
func templateNamed(name string) (project.Template, error) {
	switch name {
	case "":
		return project.Small()
	case cinemaTemplate:
		return project.Template{Files: cinema.Files}, nil
	}
	return project.Template{}, withCode(exitUsage, "--from %s: want %s", name, cinemaTemplate)
}

// printNext tells what can be done with a new project.
func printNext(env Env, dir string, files int) {
	fmt.Fprintf(env.Stdout, "made %s: %d files\n\n", dir, files)
	fmt.Fprintf(env.Stdout, "  cd %s\n", dir)
	fmt.Fprintf(env.Stdout, "  %s up                start it; what you save is applied\n", env.program())
	fmt.Fprintf(env.Stdout, "  %s board show        see the board\n\n", env.program())
	fmt.Fprintf(env.Stdout, "%s says more.\n", filepath.Join(dir, "README.md"))
}
