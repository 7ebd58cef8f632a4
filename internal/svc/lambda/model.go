package lambda

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/function"
	shape "stormbus/internal/shape/lambda"
)

// Latest is the version that can be changed, and the only one there is.
const Latest = "$LATEST"

// The defaults of a function.
const (
	defaultTimeout = 3   // seconds
	defaultMemory  = 128 // megabytes
	defaultStorage = 512 // megabytes

	defaultRetries  = 2
	defaultEventAge = 6 * time.Hour
)

// Limits of AWS that the model does not tell, or tells for more than what is here.
const (
	maxTimeout     = 900    // seconds
	maxMemory      = 10_240 // megabytes
	maxStorage     = 10_240 // megabytes
	maxZipped      = 52_428_800
	maxSyncPayload = 6_291_456
	maxAsyncEvent  = 1 << 20
	maxEnvironment = 4096
	maxBareName    = 64
	maxTags        = 50
	minUnreserved  = 100
	maxTotalCode   = 80_530_636_800
)

// Function is one function and what is configured about it. It is stored as it
// is here and replaced as a whole by every change: a *Function that was handed
// out never changes.
type Function struct {
	ID       uint32
	Lane     delivery.LaneID // its queue of asynchronous invocations
	Scope    arn.Scope
	Name     string
	Revision string // another one after every change

	// Modified and Generation change with what runs: code and settings.
	Modified   time.Time
	Generation int

	Code     Code
	Settings Settings
	Tags     map[string]string
	Reserved *int   // concurrency
	Async    *Async // nil: the defaults
	Policy   Policy
}

// Code is a zip file that is stored as a blob.
type Code struct {
	SHA256 string // hexadecimal; names the blob and the unpacked directory
	Size   int64
}

// Settings are what CreateFunction and UpdateFunctionConfiguration set.
type Settings struct {
	Runtime     string
	Handler     string
	Role        string
	Description string
	Timeout     int64             // seconds
	Memory      int64             // megabytes
	Environment map[string]string // nil: none was ever given
	DeadLetter  string            // ARN of a queue; empty for none
	Logging     Logging

	// What follows is kept and shown.
	VPC           *shape.VpcConfig         `json:",omitempty"`
	KMSKeyARN     string                   `json:",omitempty"`
	Tracing       string                   `json:",omitempty"`
	FileSystems   []shape.FileSystemConfig `json:",omitempty"`
	Storage       int64                    // megabytes
	Architectures []string                 `json:",omitempty"`
	SnapStart     string                   `json:",omitempty"`
	CodeSigning   string                   `json:",omitempty"`
}

// Logging is how a function logs.
type Logging struct {
	Format      string // "Text" or "JSON"
	Application string // level; empty for text
	System      string // level; empty for text
	Group       string // empty: named after the function
}

// Async is how asynchronous invocations of a function are tried.
type Async struct {
	Modified time.Time
	Retries  *int64
	EventAge *int64 // seconds
}

// policy is how the function's lane tries. The pauses come with the failures.
func (f *Function) policy() delivery.Policy {
	p := delivery.Policy{MaxRetries: defaultRetries, MaxAge: defaultEventAge}
	if f.Async != nil {
		if n := f.Async.Retries; n != nil {
			p.MaxRetries = int(*n)
		}
		if n := f.Async.EventAge; n != nil {
			p.MaxAge = time.Duration(*n) * time.Second
		}
	}
	return p
}

// arn is the function's ARN without a qualifier.
func (f *Function) arn() arn.ARN { return f.Scope.Function(f.Name, "") }

func (f *Function) ref() ref { return ref{scope: f.Scope, name: f.Name} }

// spec is the function as what runs it needs it. The code is unpacked in dir;
// all functions without a reservation share unreserved.
func (f *Function) spec(dir string, unreserved int) function.Spec {
	s := function.Spec{
		ARN: f.arn(), Name: f.Name, Version: Latest, Revision: fmt.Sprintf("%d/%d", f.ID, f.Generation), Runtime: f.Settings.Runtime, Handler: f.Settings.Handler,
		Timeout: time.Duration(f.Settings.Timeout) * time.Second, MemoryMB: int(f.Settings.Memory), Env: f.Settings.Environment,
		CodeDir: dir, Reserved: f.Reserved, Unreserved: unreserved,
	}
	if l := f.Settings.Logging; l.Format == shape.LogFormatJson {
		s.LogFormat, s.LogLevel = l.Format, l.Application
	}
	return s
}

// base64 is the digest as the API shows it.
func (c Code) base64() string {
	b, err := hex.DecodeString(c.SHA256)
	if err != nil {
		panic(fmt.Sprintf("digest %q of stored code: %v", c.SHA256, err)) // we wrote it
	}
	return base64.StdEncoding.EncodeToString(b)
}

// ref names a function.
type ref struct {
	scope arn.Scope
	name  string
}

func (r ref) arn() arn.ARN { return r.scope.Function(r.name, "") }
