package lambda

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/function"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/wire"
)

// patch is what CreateFunction and UpdateFunctionConfiguration have in common:
// settings that are given replace those that were.
type patch struct {
	in shape.UpdateFunctionConfigurationInput
}

func patchOf(in *shape.UpdateFunctionConfigurationInput) patch { return patch{in: *in} }

// newSettings returns the settings of a new function.
func newSettings(in *shape.CreateFunctionInput) (Settings, error) {
	p := patch{in: shape.UpdateFunctionConfigurationInput{
		Role: in.Role, Handler: in.Handler, Description: in.Description, Timeout: in.Timeout, MemorySize: in.MemorySize, VpcConfig: in.VpcConfig,
		Environment: in.Environment, Runtime: in.Runtime, DeadLetterConfig: in.DeadLetterConfig, KMSKeyArn: in.KMSKeyArn,
		TracingConfig: in.TracingConfig, Layers: in.Layers, FileSystemConfigs: in.FileSystemConfigs, EphemeralStorage: in.EphemeralStorage,
		SnapStart: in.SnapStart, LoggingConfig: in.LoggingConfig, CapacityProviderConfig: in.CapacityProviderConfig,
		DurableConfig: in.DurableConfig, RuntimeConfig: in.RuntimeConfig, AcceleratorConfig: in.AcceleratorConfig,
	}}
	if err := p.check(); err != nil {
		return Settings{}, err
	}
	set := Settings{
		Timeout: defaultTimeout, Memory: defaultMemory, Storage: defaultStorage,
		Architectures: []string{shape.ArchitectureX8664}, Logging: Logging{Format: shape.LogFormatText},
		CodeSigning: value(in.CodeSigningConfigArn),
	}
	if in.Architectures != nil {
		set.Architectures = in.Architectures
	}
	p.apply(&set)
	return set, nil
}

// check says what is wrong with a patch.
func (p patch) check() error {
	in := &p.in
	switch {
	case in.Runtime != nil && retired(*in.Runtime):
		return errParameter("The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. "+
			"We recommend you use a supported runtime while creating or updating functions.", *in.Runtime)
	case len(in.Layers) > 0:
		return errUnsupported("layers (Layers)")
	case in.ImageConfig != nil:
		return errUnsupported("container images (ImageConfig)")
	case in.CapacityProviderConfig != nil:
		return errUnsupported("capacity providers (CapacityProviderConfig)")
	case in.DurableConfig != nil:
		return errUnsupported("durable functions (DurableConfig)")
	case in.RuntimeConfig != nil || in.AcceleratorConfig != nil:
		return errUnsupported("custom runtime configurations (RuntimeConfig, AcceleratorConfig)")
	}
	if err := p.checkSizes(); err != nil {
		return err
	}
	if err := checkDeadLetter(in.DeadLetterConfig); err != nil {
		return err
	}
	return checkEnvironment(in.Environment)
}

// checkSizes holds numbers to the limits of ordinary functions. Those of the model
// are wider: they hold for functions on managed instances as well.
func (p patch) checkSizes() error {
	var storage *int64
	if e := p.in.EphemeralStorage; e != nil {
		storage = e.Size
	}
	var broken []string
	for _, n := range []struct {
		name  string
		value *int64
		most  int64
	}{
		{"timeout", p.in.Timeout, maxTimeout},
		{"memorySize", p.in.MemorySize, maxMemory},
		{"ephemeralStorage.size", storage, maxStorage},
	} {
		if value(n.value) > n.most {
			broken = append(broken, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: "+
				"Member must have value less than or equal to %d", *n.value, n.name, n.most))
		}
	}
	word := "error"
	switch {
	case len(broken) == 0:
		return nil
	case len(broken) > 1:
		word = "errors"
	}
	return wire.Errorf(shape.Model.ValidationError, "%d validation %s detected: %s", len(broken), word, strings.Join(broken, "; "))
}

// retired reports whether AWS no longer takes a runtime for new functions. Of
// the runtimes that run here, these are the ones.
func retired(runtime string) bool {
	return runtime == shape.RuntimePython27 || runtime == shape.RuntimePython36 || runtime == shape.RuntimePython37
}

func checkDeadLetter(c *shape.DeadLetterConfig) error {
	if c == nil || value(c.TargetArn) == "" {
		return nil
	}
	a, err := arn.Parse(*c.TargetArn)
	if err != nil {
		return errParameter("The provided target ARN is invalid: %s", *c.TargetArn)
	}
	name, ok := a.QueueName()
	switch {
	case !ok:
		return errUnsupported("dead letters to anything but SQS queues (DeadLetterConfig)")
	case strings.HasSuffix(name, ".fifo"):
		return errUnsupported("dead letters to FIFO queues (DeadLetterConfig)")
	}
	return nil
}

func checkEnvironment(e *shape.Environment) error {
	if e == nil {
		return nil
	}
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	reserved := function.Reserved()
	var used []string
	for _, name := range slices.Sorted(maps.Keys(e.Variables)) {
		if slices.Contains(reserved, name) {
			used = append(used, name)
		}
	}
	if len(used) > 0 {
		return errParameter(unable+"contains reserved keys that are currently not supported for modification. "+
			"Reserved keys used in this request: %s", strings.Join(used, ", "))
	}
	measured, err := plainJSON(e.Variables)
	if err != nil {
		return err
	}
	if len(measured) > maxEnvironment {
		return errParameter(unable+"exceeded the 4KB limit. String measured: %s", measured)
	}
	return nil
}

// plainJSON writes JSON without the escapes that only web pages need.
func plainJSON(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("write JSON: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// apply replaces what is given.
func (p patch) apply(set *Settings) {
	in := &p.in
	assign(&set.Runtime, in.Runtime)
	assign(&set.Handler, in.Handler)
	assign(&set.Role, in.Role)
	assign(&set.Description, in.Description)
	assign(&set.Timeout, in.Timeout)
	assign(&set.Memory, in.MemorySize)
	assign(&set.KMSKeyARN, in.KMSKeyArn)
	if in.Environment != nil {
		set.Environment = in.Environment.Variables
		if set.Environment == nil {
			set.Environment = map[string]string{}
		}
	}
	if in.DeadLetterConfig != nil {
		set.DeadLetter = value(in.DeadLetterConfig.TargetArn)
	}
	if in.TracingConfig != nil {
		assign(&set.Tracing, in.TracingConfig.Mode)
	}
	if in.EphemeralStorage != nil {
		assign(&set.Storage, in.EphemeralStorage.Size)
	}
	if in.SnapStart != nil {
		assign(&set.SnapStart, in.SnapStart.ApplyOn)
	}
	if in.VpcConfig != nil {
		set.VPC = in.VpcConfig
	}
	if in.FileSystemConfigs != nil {
		set.FileSystems = in.FileSystemConfigs
	}
	if in.LoggingConfig != nil {
		set.Logging.apply(in.LoggingConfig)
	}
}

func (l *Logging) apply(in *shape.LoggingConfig) {
	assign(&l.Format, in.LogFormat)
	assign(&l.Application, in.ApplicationLogLevel)
	assign(&l.System, in.SystemLogLevel)
	assign(&l.Group, in.LogGroup)
	if l.Format != shape.LogFormatJson {
		l.Application, l.System = "", ""
		return
	}
	l.Application = orElse(l.Application, shape.ApplicationLogLevelInfo)
	l.System = orElse(l.System, shape.SystemLogLevelInfo)
}

// assign sets *to if there is something to set.
func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
