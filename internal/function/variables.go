package function

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
)

// variables returns the environment variables of a function's process. The
// user's win over those that AWS does not reserve.
func (p *Pool) variables(s Spec, c command, e *environment) []string {
	region, memory := s.ARN.Region, strconv.Itoa(s.MemoryMB)
	vars := map[string]string{
		"LANG":                     "en_US.UTF-8",
		"LC_CTYPE":                 "C.UTF-8",
		"TZ":                       ":UTC",
		"SHLVL":                    "0",
		"PWD":                      s.CodeDir,
		"PATH":                     path(c.path, p.cfg.Path),
		"LD_LIBRARY_PATH":          s.CodeDir + ":" + filepath.Join(s.CodeDir, "lib"),
		"PYTHONPATH":               p.runtimeDir,
		"TMPDIR":                   e.tmp,
		"AWS_ENDPOINT_URL":         p.cfg.EndpointURL,
		"AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
		// Nobody listens there; on AWS it is an address that must not be
		// reached from here.
		"AWS_XRAY_DAEMON_ADDRESS":  "127.0.0.1:2000",
		"_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
		"_AWS_XRAY_DAEMON_PORT":    "2000",
	}
	maps.Copy(vars, s.Env)
	maps.Copy(vars, map[string]string{
		"_HANDLER":                        s.Handler,
		"AWS_REGION":                      region,
		"AWS_DEFAULT_REGION":              region,
		"AWS_EXECUTION_ENV":               "AWS_Lambda_" + s.Runtime,
		"AWS_LAMBDA_FUNCTION_NAME":        s.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     s.Version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       LogGroup(s.Name),
		"AWS_LAMBDA_LOG_STREAM_NAME":      e.stream,
		"LAMBDA_TASK_ROOT":                s.CodeDir,
		"LAMBDA_RUNTIME_DIR":              p.runtimeDir,
		// What the function calls belongs to the account of its key. Which
		// invocation made a call is told by its trace header.
		"AWS_ACCESS_KEY_ID":     e.credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": string(e.credentials.Secret),
		"AWS_SESSION_TOKEN":     string(e.credentials.SessionToken),
	})
	if s.LogFormat == "JSON" {
		vars["AWS_LAMBDA_LOG_FORMAT"] = s.LogFormat
	}
	if s.LogLevel != "" {
		vars["AWS_LAMBDA_LOG_LEVEL"] = s.LogLevel
	}
	list := make([]string, 0, len(vars)+2)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if v := vars[name]; v != "" || s.Env[name] == v {
			list = append(list, name+"="+v)
		}
	}
	return list
}

// path is the search path of a function: its interpreter's directory before
// the host's, so that "python3" is the interpreter that runs it.
func path(executable, host string) string {
	dir := filepath.Dir(executable)
	if host == "" {
		return dir + ":/usr/local/bin:/usr/bin:/bin"
	}
	return dir + ":" + host
}

// LogGroup returns the name of a function's log group.
func LogGroup(name string) string { return "/aws/lambda/" + name }

// Reserved lists the environment variables that AWS does not let a function
// set.
func Reserved() []string {
	return []string{
		"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API",
		"AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
	}
}
