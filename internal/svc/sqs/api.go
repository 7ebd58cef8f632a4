package sqs

import "stormbus/internal/wire"

// Operations lists what the service answers: all of SQS.
func (s *Service) Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("AddPermission", s.AddPermission),
		wire.Op("CancelMessageMoveTask", s.CancelMessageMoveTask),
		wire.Op("ChangeMessageVisibility", s.ChangeMessageVisibility),
		wire.Op("ChangeMessageVisibilityBatch", s.ChangeMessageVisibilityBatch),
		wire.Op("CreateQueue", s.CreateQueue),
		wire.Op("DeleteMessage", s.DeleteMessage),
		wire.Op("DeleteMessageBatch", s.DeleteMessageBatch),
		wire.Op("DeleteQueue", s.DeleteQueue),
		wire.Op("GetQueueAttributes", s.GetQueueAttributes),
		wire.Op("GetQueueUrl", s.GetQueueUrl),
		wire.Op("ListDeadLetterSourceQueues", s.ListDeadLetterSourceQueues),
		wire.Op("ListMessageMoveTasks", s.ListMessageMoveTasks),
		wire.Op("ListQueueTags", s.ListQueueTags),
		wire.Op("ListQueues", s.ListQueues),
		wire.Op("PurgeQueue", s.PurgeQueue),
		wire.Op("ReceiveMessage", s.ReceiveMessage),
		wire.Op("RemovePermission", s.RemovePermission),
		wire.Op("SendMessage", s.SendMessage),
		wire.Op("SendMessageBatch", s.SendMessageBatch),
		wire.Op("SetQueueAttributes", s.SetQueueAttributes),
		wire.Op("StartMessageMoveTask", s.StartMessageMoveTask),
		wire.Op("TagQueue", s.TagQueue),
		wire.Op("UntagQueue", s.UntagQueue),
	}
}
