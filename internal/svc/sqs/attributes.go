package sqs

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"stormbus/internal/arn"
)

// The names of queue attributes that the code refers to.
const (
	attrAll          = "All"
	attrDelay        = "DelaySeconds"
	attrKMSKey       = "KmsMasterKeyId"
	attrKMSReuse     = "KmsDataKeyReusePeriodSeconds"
	attrMaxSize      = "MaximumMessageSize"
	attrRetention    = "MessageRetentionPeriod"
	attrPolicy       = "Policy"
	attrRedrive      = "RedrivePolicy"
	attrRedriveAllow = "RedriveAllowPolicy"
	attrSSE          = "SqsManagedSseEnabled"
	attrVisibility   = "VisibilityTimeout"
	attrWait         = "ReceiveMessageWaitTimeSeconds"

	attrCreated  = "CreatedTimestamp"
	attrModified = "LastModifiedTimestamp"
	attrARN      = "QueueArn"
	attrVisible  = "ApproximateNumberOfMessages"
	attrDelayed  = "ApproximateNumberOfMessagesDelayed"
	attrInFlight = "ApproximateNumberOfMessagesNotVisible"

	attrFifo       = "FifoQueue"
	attrDedup      = "ContentBasedDeduplication"
	attrDedupScope = "DeduplicationScope"
	attrFifoLimit  = "FifoThroughputLimit"
)

// settable attributes know how to read and to show themselves. An attribute
// that is not set shows nothing.
type settable struct {
	set  func(s *Settings, value string, scope arn.Scope) error
	show func(s *Settings) string
}

// settables lists the attributes that an owner may set. An empty value takes an
// attribute back to its default.
func settables() map[string]settable {
	return map[string]settable{
		attrDelay: seconds(attrDelay, 0, maxDelay,
			func(s *Settings) *time.Duration { return &s.Delay }),
		attrRetention: seconds(attrRetention, time.Minute, 14*24*time.Hour,
			func(s *Settings) *time.Duration { return &s.Retention }),
		attrWait: seconds(attrWait, 0, maxWait,
			func(s *Settings) *time.Duration { return &s.Wait }),
		attrVisibility: seconds(attrVisibility, 0, maxVisibility,
			func(s *Settings) *time.Duration { return &s.Visibility }),
		attrMaxSize:      {setMaxSize, func(s *Settings) string { return strconv.Itoa(s.MaxMessageSize) }},
		attrPolicy:       {setPolicy, func(s *Settings) string { return s.Policy }},
		attrRedrive:      {setRedrive, showRedrive},
		attrRedriveAllow: {setRedriveAllow, func(s *Settings) string { return s.RedriveAllow }},
		attrKMSKey:       {setKMSKey, func(s *Settings) string { return s.KMSKeyID }},
		attrKMSReuse:     {setKMSReuse, func(s *Settings) string { return s.KMSReuse }},
		attrSSE:          {setSSE, func(s *Settings) string { return strconv.FormatBool(s.ManagedSSE) }},
		attrFifo:         {setFifo, func(s *Settings) string { return s.ifFifo("true") }},
		attrDedup:        {setDedup, func(s *Settings) string { return s.ifFifo(strconv.FormatBool(s.ContentDedup)) }},
		attrDedupScope: choice(attrDedupScope, scopeQueue, scopeGroup,
			func(s *Settings) *string { return &s.DedupScope }),
		attrFifoLimit: choice(attrFifoLimit, limitPerQueue, limitPerGroup,
			func(s *Settings) *string { return &s.ThroughputLimit }),
	}
}

// apply returns s with the given attributes changed. Of several mistakes it
// reports the first in order of name.
func (s Settings) apply(attributes map[string]string, scope arn.Scope) (Settings, error) {
	known := settables()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a, ok := known[name]
		if !ok {
			return s, errUnknownAttribute(name)
		}
		if err := a.set(&s, attributes[name], scope); err != nil {
			return s, err
		}
	}
	if err := s.checkScopes(); err != nil {
		return s, err
	}
	return s, exclusiveEncryption(attributes)
}

// exclusiveEncryption refuses attributes that ask for both kinds of encryption.
func exclusiveEncryption(attributes map[string]string) error {
	if attributes[attrKMSKey] != "" && attributes[attrSSE] == "true" {
		return errAttributeName("You can use one type of server-side encryption (SSE) at one time. " +
			"You can either enable KMS SSE or SQS SSE.")
	}
	return nil
}

func seconds(name string, least, most time.Duration, field func(*Settings) *time.Duration) settable {
	defaults := standardSettings()
	return settable{
		set: func(s *Settings, value string, _ arn.Scope) error {
			if value == "" {
				*field(s) = *field(&defaults)
				return nil
			}
			n, err := strconv.ParseInt(value, 10, 32)
			d := time.Duration(n) * time.Second
			if err != nil || d < least || d > most {
				return errAttributeValue(name, "")
			}
			*field(s) = d
			return nil
		},
		show: func(s *Settings) string { return wholeSeconds(*field(s)) },
	}
}

func wholeSeconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

const minMaxSize = 1024

func setMaxSize(s *Settings, value string, _ arn.Scope) error {
	if value == "" {
		s.MaxMessageSize = MaxMessageSize
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < minMaxSize || n > MaxMessageSize {
		return errAttributeValue(attrMaxSize, "")
	}
	s.MaxMessageSize = n
	return nil
}

func setPolicy(s *Settings, value string, _ arn.Scope) error {
	if value != "" {
		if _, ok := jsonObject(value); !ok {
			return errAttributeValue(attrPolicy, "")
		}
	}
	s.Policy = value
	return nil
}

func setRedrive(s *Settings, value string, scope arn.Scope) error {
	if value == "" {
		s.Redrive = nil
		return nil
	}
	r, err := parseRedrive(value, scope, s.Fifo)
	if err != nil {
		return err
	}
	s.Redrive = r
	return nil
}

func showRedrive(s *Settings) string {
	if s.Redrive == nil {
		return ""
	}
	return s.Redrive.Text
}

func setRedriveAllow(s *Settings, value string, _ arn.Scope) error {
	if value != "" {
		if _, err := parseRedriveAllow(value); err != nil {
			return err
		}
	}
	s.RedriveAllow = compact(value)
	return nil
}

// A KMS key takes the place of encryption by SQS. Taking the key away does not
// bring that back.
func setKMSKey(s *Settings, value string, _ arn.Scope) error {
	s.KMSKeyID = value
	if value == "" {
		s.KMSReuse = ""
		return nil
	}
	s.ManagedSSE = false
	if s.KMSReuse == "" {
		s.KMSReuse = "300"
	}
	return nil
}

func setKMSReuse(s *Settings, value string, _ arn.Scope) error {
	if value == "" {
		s.KMSReuse = ""
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 60 || n > 86_400 {
		return errAttributeValue(attrKMSReuse, "")
	}
	s.KMSReuse = value
	return nil
}

func setSSE(s *Settings, value string, _ arn.Scope) error {
	switch value {
	case "true":
		s.ManagedSSE, s.KMSKeyID, s.KMSReuse = true, "", ""
	case "false", "":
		s.ManagedSSE = false
	default:
		return errAttributeValue(attrSSE, "")
	}
	return nil
}

// counts are the numbers of messages of a queue, by state.
type counts struct {
	visible, delayed, inFlight uint64
}

// show returns the wanted attributes of q. Attributes that are not set are left
// out; unknown names are an error.
func (q *Queue) show(names []string, c counts) (map[string]string, error) {
	all := q.showAll(c)
	if slices.Contains(names, attrAll) {
		return all, nil
	}
	out := map[string]string{}
	for _, name := range names {
		if value, ok := all[name]; ok {
			out[name] = value
			continue
		}
		if !isAttribute(name) {
			return nil, errUnknownAttribute(name)
		}
	}
	return out, nil
}

func (q *Queue) showAll(c counts) map[string]string {
	out := map[string]string{
		attrCreated:  unixSeconds(q.Created),
		attrModified: unixSeconds(q.Modified),
		attrARN:      q.ARN().String(),
		attrVisible:  strconv.FormatUint(c.visible, 10),
		attrDelayed:  strconv.FormatUint(c.delayed, 10),
		attrInFlight: strconv.FormatUint(c.inFlight, 10),
	}
	for name, a := range settables() {
		if value := a.show(&q.Settings); value != "" {
			out[name] = value
		}
	}
	return out
}

func unixSeconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// isAttribute reports whether name is an attribute that some queue has.
func isAttribute(name string) bool {
	switch name {
	case attrCreated, attrModified, attrARN, attrVisible, attrDelayed, attrInFlight:
		return true
	}
	_, ok := settables()[name]
	return ok
}

// wantsCounts reports whether the names ask for a number of messages.
func wantsCounts(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n == attrAll || n == attrVisible || n == attrDelayed || n == attrInFlight
	})
}
