package conformance

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// TestAWSCLI runs the AWS CLI, a command after the other, as a person would.
func TestAWSCLI(t *testing.T) { runAWSCLI(t, python.Prepared(t)) }

// TestAWSCLIQuery does so with the last one that speaks SQS's query protocol.
func TestAWSCLIQuery(t *testing.T) {
	interpreter := python.Prepared(t)
	t.Setenv("PYTHONPATH", python.Older(t, interpreter))
	out, err := aws(t, interpreter, "", "--version")
	if err != nil || !strings.Contains(out, "aws-cli/1.29.80") {
		t.Fatalf("aws --version = %s, %v", out, err)
	}
	runAWSCLI(t, interpreter)
}

func runAWSCLI(t *testing.T, interpreter string) {
	server := start(t)
	arn := "arn:aws:sqs:" + harness.Region + ":" + harness.Account + ":seats"
	url := server.URL + "/" + harness.Account + "/seats"
	for _, step := range []struct {
		command string // arguments, separated by spaces
		want    string // in the output
		fails   bool
	}{
		{command: "sts get-caller-identity", want: `"Account": "` + harness.Account + `"`},
		{command: "events create-event-bus --name cinema", want: "event-bus/cinema"},
		{command: "sqs create-queue --queue-name seats", want: url},
		{command: `events put-rule --name held --event-bus-name cinema --event-pattern {"source":["cinema.bookings"]}`, want: "rule/cinema/held"},
		{command: "events put-targets --rule held --event-bus-name cinema --targets Id=seats,Arn=" + arn, want: `"FailedEntryCount": 0`},
		{
			command: `events put-events --entries [{"EventBusName":"cinema","Source":"cinema.bookings","DetailType":"SeatsHeld","Detail":"{\"seats\":[\"F7\"]}"}]`,
			want:    `"EventId": "`,
		},
		{command: "sqs receive-message --queue-url " + url + " --wait-time-seconds 10 --query Messages[0].Body --output text", want: `"detail-type":"SeatsHeld"`},
		{command: "events list-rules --event-bus-name cinema --query Rules[].Name --output text", want: "held"},
		{command: "events describe-rule --name gone --event-bus-name cinema", want: "ResourceNotFoundException", fails: true},
		{command: "events list-archives", want: "NotImplemented", fails: true},
		{command: "sqs get-queue-url --queue-name gone", want: "AWS.SimpleQueueService.NonExistentQueue", fails: true},
		{command: "sqs create-queue --queue-name dead.fifo --attributes FifoQueue=true", want: "dead.fifo"},
		{command: `sqs create-queue --queue-name line.fifo --attributes {"FifoQueue":"true","ContentBasedDeduplication":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\"` + arn[:len(arn)-len("seats")] + `dead.fifo\",\"maxReceiveCount\":1}"}`, want: "line.fifo"},
		{command: "sqs send-message --queue-url " + server.URL + "/" + harness.Account + "/line.fifo --message-body x --message-group-id a", want: `"SequenceNumber": "1`},
		{command: "sqs receive-message --queue-url " + server.URL + "/" + harness.Account + "/line.fifo --attribute-names All", want: `"MessageGroupId": "a"`},
		{command: "sqs start-message-move-task --source-arn " + arn[:len(arn)-len("seats")] + "dead.fifo", want: "TaskHandle"},
		{command: "sqs add-permission --queue-url " + url + " --label one --aws-account-ids 111122223333 --actions SendMessage", want: ""},
		{command: "sqs get-queue-attributes --queue-url " + url + " --attribute-names Policy", want: "SQS:SendMessage"},
		{command: "sqs purge-queue --queue-url " + url, want: ""},
		{command: "sqs purge-queue --queue-url " + url, want: "AWS.SimpleQueueService.PurgeQueueInProgress", fails: true},
		{command: "lambda list-functions", want: `"Functions": []`},
	} {
		out, err := aws(t, interpreter, server.URL, step.command)
		if (err != nil) != step.fails {
			t.Fatalf("aws %s: %v\n%s", step.command, err, out)
		}
		if !strings.Contains(out, step.want) {
			t.Fatalf("aws %s: want %q in\n%s", step.command, step.want, out)
		}
	}
}

// aws runs one command of the AWS CLI and returns all that it prints.
func aws(t *testing.T, interpreter, endpoint, command string) (string, error) {
	t.Helper()
	// The flag, not only the variable: version 1 of the CLI looks for SQS at
	// AWS whatever the variable says.
	args := append([]string{"-m", "awscli", "--endpoint-url", endpoint}, strings.Fields(command)...)
	cmd := exec.CommandContext(t.Context(), interpreter, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("exit: %w", err)
	}
	return string(out), nil
}
