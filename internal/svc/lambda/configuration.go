package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"stormbus/internal/function"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
)

// timeFormat is how Lambda writes when a function was modified.
const timeFormat = "2006-01-02T15:04:05.000-0700"

// configuration is a function as the API shows it, so far without its state.
type configuration shape.FunctionConfiguration

// configuration shows a function that was asked for with a qualifier.
func (f *Function) configuration(qualifier string) configuration {
	set := &f.Settings
	c := configuration{
		FunctionName: &f.Name, FunctionArn: new(f.Scope.Function(f.Name, qualifier).String()), Runtime: &set.Runtime, Role: &set.Role,
		Handler: &set.Handler, CodeSize: &f.Code.Size, Description: &set.Description, Timeout: &set.Timeout, MemorySize: &set.Memory,
		LastModified: new(f.Modified.UTC().Format(timeFormat)), CodeSha256: new(f.Code.base64()), Version: new(Latest),
		RevisionId: &f.Revision, PackageType: new(shape.PackageTypeZip), KMSKeyArn: given(set.KMSKeyARN),
		TracingConfig: &shape.TracingConfigResponse{Mode: new(orElse(set.Tracing, shape.TracingModePassThrough))},
		Architectures: set.Architectures, FileSystemConfigs: set.FileSystems,
		EphemeralStorage: &shape.EphemeralStorage{Size: &set.Storage},
		SnapStart: &shape.SnapStartResponse{
			ApplyOn:            new(orElse(set.SnapStart, shape.SnapStartApplyOnNone)),
			OptimizationStatus: new(shape.SnapStartOptimizationStatusOff),
		},
		RuntimeVersionConfig: &shape.RuntimeVersionConfig{RuntimeVersionArn: new(f.runtimeVersion())},
		LoggingConfig: &shape.LoggingConfig{
			LogFormat: &set.Logging.Format, ApplicationLogLevel: given(set.Logging.Application), SystemLogLevel: given(set.Logging.System),
			LogGroup: new(orElse(set.Logging.Group, function.LogGroup(f.Name))),
		},
	}
	if set.Environment != nil {
		c.Environment = &shape.EnvironmentResponse{Variables: set.Environment}
	}
	if set.DeadLetter != "" {
		c.DeadLetterConfig = &shape.DeadLetterConfig{TargetArn: &set.DeadLetter}
	}
	if v := set.VPC; v != nil {
		c.VpcConfig = &shape.VpcConfigResponse{
			SubnetIds: v.SubnetIds, SecurityGroupIds: v.SecurityGroupIds, Ipv6AllowedForDualStack: v.Ipv6AllowedForDualStack, VpcId: new(""),
		}
	}
	return c
}

// runtimeVersion names the version of a runtime. AWS's names are opaque too.
func (f *Function) runtimeVersion() string {
	sum := sha256.Sum256([]byte("stormbus/" + f.Settings.Runtime))
	return "arn:aws:lambda:" + f.Scope.Region + "::runtime:" + hex.EncodeToString(sum[:])
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// active shows a function that can be invoked, which is every function whose
// creation was answered.
func (c configuration) active() *shape.FunctionConfiguration {
	c.State, c.LastUpdateStatus = new(shape.StateActive), new(shape.LastUpdateStatusSuccessful)
	return (*shape.FunctionConfiguration)(&c)
}

// pending shows a new function as the answer to its creation does.
func (c configuration) pending() *shape.FunctionConfiguration {
	c.State, c.StateReason, c.StateReasonCode = new(shape.StatePending), new(creating), new(shape.StateReasonCodeCreating)
	return (*shape.FunctionConfiguration)(&c)
}

// updating shows a changed function as the answer to the change does.
func (c configuration) updating() *shape.FunctionConfiguration {
	out := c.active()
	out.LastUpdateStatus, out.LastUpdateStatusReason = new(shape.LastUpdateStatusInProgress), new(creating)
	out.LastUpdateStatusReasonCode = new(shape.StateReasonCodeCreating)
	return out
}

// creating is the reason that AWS gives for both.
const creating = "The function is being created."

// UpdateFunctionConfiguration changes how a function runs.
func (s *Service) UpdateFunctionConfiguration(ctx context.Context, in *shape.UpdateFunctionConfigurationInput) (*shape.UpdateFunctionConfigurationOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	p := patchOf(in)
	if err := p.check(); err != nil {
		return nil, err
	}
	changed, err := s.reconfigure(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		if in.RevisionId != nil && *in.RevisionId != f.Revision {
			return errRevision("GetFunction/GetAlias")
		}
		p.apply(&f.Settings)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed.configuration("").updating(), nil
}
