package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the release that this source makes.
const Version = "0.1.0"

// build describes the running binary.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func currentBuild() build {
	b := build{Version: Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = s.Value
			}
		}
	}
	return b
}

func newVersion(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this binary",
		Args:  usage(cobra.NoArgs),
	}
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		b := currentBuild()
		if form == "json" {
			return printJSON(env.Stdout, b)
		}
		_, err = fmt.Fprintf(env.Stdout, "stormbus %s (%s, %s)\n", b.Version, b.Go, b.Platform)
		return err
	}
	return cmd
}
