#include "agent/chat/answer_texts.h"

/* Sentences of several lines are no lists that lack a comma:
 * NOLINTBEGIN(bugprone-suspicious-missing-comma) */
const struct chat_texts chat_texts[WORDS_LANGUAGES] = {
	[WORDS_EN] = {
		.between = " ",
		.lines = {
			[CHAT_TEXT_STARTING] = "curlew is starting or "
				"stopping: ask again in a moment.",
			[CHAT_TEXT_UNKNOWN] = "There is no endpoint \"{}\".",
			[CHAT_TEXT_NOT_REMOVED] = "There is no endpoint "
				"\"{}\" among the removed ones.",
			[CHAT_TEXT_MEANT] = "Did you mean \"{}\"?",
			[CHAT_TEXT_WHICH] = "Which one: {} or {}?  Say its "
				"whole name.",
			[CHAT_TEXT_WHICH_OF_MANY] = "Which one: {}, {} or "
				"another?  Say its whole name.",
			[CHAT_TEXT_NO_TIME] = "\"{}\" is no length of time: "
				"say 30m, 2h or 1d, up to a year.",
			[CHAT_TEXT_REMOVED] = "{} is not monitored any more.",
			[CHAT_TEXT_REMOVED_ALREADY] = "{} is removed already.",
			[CHAT_TEXT_REMOVED_FULL] = "Too much is removed "
				"already.",
			[CHAT_TEXT_RESTORED] = "{} is monitored again.",
			[CHAT_TEXT_RESTORED_SOURCE] = "{} is restored: what "
				"other monitors say of it counts again.",
			[CHAT_TEXT_RESTORED_ALREADY] =
				"{} is monitored already.",
			[CHAT_TEXT_TAKEN] = "{} looks after {} until it is "
				"over.",
			[CHAT_TEXT_TAKEN_UNTIL] = "{} looks after {} until "
				"{}.",
			[CHAT_TEXT_WELL] = "{} has no open incident to look "
				"after.",
			[CHAT_TEXT_NOTHING_RECORDED] = "Nothing can be "
				"recorded now, so nothing is changed: {}.",
			[CHAT_TEXT_UNRECORDED] = "It holds, but it cannot be "
				"recorded now, and is forgotten should "
				"curlew end before it can.",
			[CHAT_TEXT_MUTED] = "{} is muted until it is unmuted.",
			[CHAT_TEXT_MUTED_UNTIL] = "{} is muted until {}.",
			[CHAT_TEXT_MUTED_ALL] = "Everything is muted until it "
				"is unmuted.",
			[CHAT_TEXT_MUTED_ALL_UNTIL] = "Everything is muted "
				"until {}.",
			[CHAT_TEXT_UNMUTED] = "{} is not muted any more.",
			[CHAT_TEXT_UNMUTED_ALREADY] = "{} was not muted.",
			[CHAT_TEXT_UNMUTED_ALL] = "Nothing is muted any more.",
			[CHAT_TEXT_UNMUTED_ALL_ALREADY] = "Nothing was muted.",
			[CHAT_TEXT_STILL_MUTED] = "But everything is: {} ends "
				"that.",
			[CHAT_TEXT_NOTHING_THERE] = "Nothing is monitored yet.",
			[CHAT_TEXT_TOLD] = "{} is watched by another monitor: "
				"this is what it said last.",
			[CHAT_TEXT_LATE] = "{} was not looked at within a "
				"minute.",
			[CHAT_TEXT_HISTORY] = "The latest incidents of {}:",
			[CHAT_TEXT_HISTORY_NONE] = "No incident of {} is "
				"remembered.",
			[CHAT_TEXT_REMOVED_LIST] = "Removed: {}; {} takes one "
				"back.",
			[CHAT_TEXT_REMOVED_NONE] = "Nothing is removed.",
			[CHAT_TEXT_AUDIT] = "Who changed what, the latest "
				"first:",
			[CHAT_TEXT_AUDIT_NONE] = "Nobody changed anything yet.",
			[CHAT_TEXT_RUNS] = "What was begun of late, and what "
				"came of it:",
			[CHAT_TEXT_RUNS_NONE] = "No action runs, and none "
				"ended of late.",
			[CHAT_TEXT_UNREADABLE] = "That cannot be read now: {}.",
			[CHAT_TEXT_HELP] = "This can be said here:",
			[CHAT_TEXT_HELP_ACTIONS] = "This can be done:",
			[CHAT_TEXT_ECHO] = "This is what arrived here:",
			[CHAT_TEXT_NO_COMMAND] = "There is no command \"{}\".",
			[CHAT_TEXT_HELP_LISTS] = "{} lists them.",
			[CHAT_TEXT_LACKS_NAME] = "Of what?  Say {}.",
			[CHAT_TEXT_TAKES_NO_NAME] = "{} takes no name: what is "
				"\"{}\"?",
			[CHAT_TEXT_TOO_LONG] = "That is too long for a "
				"command.",
			[CHAT_TEXT_NOT_BY_YOU] = "You may not do that: {}.",
			[CHAT_TEXT_NOT_HERE] = "That may not be done in this "
				"channel: {}.",
			[CHAT_TEXT_TOO_MUCH] = "Too much is asked for at "
				"once: try again in a moment.",
			[CHAT_TEXT_OVER] = "That incident is over, or not "
				"known here.",
			[CHAT_TEXT_NO_ACTIONS] = "There is nothing to run: the "
				"configuration has no \"actions:\".",
			[CHAT_TEXT_NO_ACTION] = "There is no action \"{}\".",
			[CHAT_TEXT_WHICH_ACTION] = "Run what?",
			[CHAT_TEXT_BAD_WORD] = "{} cannot be \"{}\": it must "
				"look like {}.",
			[CHAT_TEXT_BAD_CHOICE] = "{} cannot be \"{}\": it must "
				"be one of {}.",
			[CHAT_TEXT_BAD_BLANKS] = "{} cannot be \"{}\": it must "
				"be one word without blanks.",
			[CHAT_TEXT_UNCLEAR] = "The words of \"{}\" can be told "
				"apart in too many ways.",
			[CHAT_TEXT_NO_WAY] = "\"{}\" is not how it is asked "
				"for.",
			[CHAT_TEXT_NOTHING_SAID] = "Something must follow it.",
			[CHAT_TEXT_UNFIT] = "{}: what was said cannot be put "
				"into its request: it is too long, or would "
				"lead elsewhere.",
			[CHAT_TEXT_FULL] = "{} cannot be begun: as many as may "
				"run already; try again once one is over.",
			[CHAT_TEXT_HELP_ACTION] = "This can be asked for so:",
			[CHAT_TEXT_BEGUN] = "{}: begun.",
			[CHAT_TEXT_BEGUN_BY] = "{}: begun for {}.",
			[CHAT_TEXT_GOES_ON] = "{}: still at it.",
			[CHAT_TEXT_DONE] = "{}: done.",
			[CHAT_TEXT_FAILED] = "{}: failed.",
			[CHAT_TEXT_UNCERTAIN] = "{}: it is not known whether "
				"it was done; look before it is tried again.",
			[CHAT_TEXT_LASTED] = "{}, for {}",
			[CHAT_TEXT_LASTS] = "{}, for {} so far",
			[CHAT_TEXT_REMOVED_BY] = "by {}, {}",
			[CHAT_TEXT_IS_MUTED] = "muted",
			[CHAT_TEXT_LOOKS_AFTER] = "{} looks after it",
			[CHAT_TEXT_LOOKS_AFTER_UNTIL] = "{} looks after it "
				"until {}",
			[CHAT_TEXT_SEEN] = "at the last look: {}",
			[CHAT_TEXT_FAILS] = "failures in a row: {}, allowed: "
				"{}",
			[CHAT_TEXT_PROBLEMS] = "open problems: {}",
			[CHAT_TEXT_TOTAL] = "total",
			[CHAT_TEXT_WORD] = "{}: must look like {}",
			[CHAT_TEXT_CHOICE] = "{}: one of {}",
			[CHAT_TEXT_NO_BLANKS] = "{}: one word without blanks",
			[CHAT_TEXT_EXAMPLE] = "for example {}",
			[CHAT_TEXT_USERS] = "who may: {}",
			[CHAT_TEXT_USERS_ANY] = "who may: whoever may change "
				"something here",
			[CHAT_TEXT_CHANNELS] = "where: {}",
		},
	},
	[WORDS_KO] = {
		.help = {
			[COMMAND_ACK] = "NAME 장애를 맡았음을 알립니다. "
				"복구될 때까지 또는 지정한 시간 동안 "
				"유지됩니다",
			[COMMAND_AUDIT] = "누가 무엇을 변경했는지 최신순으로 "
				"보여 줍니다",
			[COMMAND_CHECK] = "전체 상태를 보여 줍니다. NAME을 "
				"지정하면 지금 확인하고 단계별 소요 시간을 "
				"보여 줍니다",
			[COMMAND_DOWN] = "정상이 아닌 대상과 시작 시각을 "
				"보여 줍니다",
			[COMMAND_ECHO] = "여기에 도착한 내용을 비밀 값은 "
				"가리고 보여 줍니다",
			[COMMAND_HELP] = "이 도움말을 보여 줍니다",
			[COMMAND_HISTORY] = "NAME의 최근 장애 이력을 보여 "
				"줍니다",
			[COMMAND_MUTE] = "NAME 또는 전체의 알림을 끕니다. "
				"다시 켤 때까지 또는 지정한 시간 동안 "
				"유지됩니다. 상태 페이지는 계속 갱신됩니다",
			[COMMAND_REMOVE] = "NAME을 복원할 때까지 확인하지도 "
				"알리지도 않습니다",
			[COMMAND_REMOVED] = "제거된 대상과 제거한 사람, "
				"시각을 보여 줍니다",
			[COMMAND_RESTORE] = "제거한 대상을 되돌립니다",
			[COMMAND_RUN] = "설정에 있는 작업을 실행하고 결과를 "
				"알려 줍니다",
			[COMMAND_RUNS] = "실행 중인 작업과 최근 결과를 보여 "
				"줍니다",
			[COMMAND_UNMUTE] = "NAME 또는 전체의 알림을 다시 "
				"켭니다. 그동안 달라진 상태는 바로 알립니다",
		},
		.between = " ",
		.lines = {
			[CHAT_TEXT_STARTING] = "curlew가 시작 또는 종료 "
				"중입니다. 잠시 후 다시 시도하세요.",
			[CHAT_TEXT_UNKNOWN] = "\"{}\"(이)라는 대상이 없습니다.",
			[CHAT_TEXT_NOT_REMOVED] = "제거된 대상 중에 "
				"\"{}\"이(가) 없습니다.",
			[CHAT_TEXT_MEANT] = "혹시 \"{}\"인가요?",
			[CHAT_TEXT_WHICH] = "{}와(과) {} 중 어느 것인가요? "
				"전체 이름을 입력하세요.",
			[CHAT_TEXT_WHICH_OF_MANY] = "{}, {} 등 여러 개가 "
				"있습니다. 전체 이름을 입력하세요.",
			[CHAT_TEXT_NO_TIME] = "\"{}\"은(는) 기간이 아닙니다. "
				"30m, 2h, 1d처럼 1년 이내로 입력하세요.",
			[CHAT_TEXT_REMOVED] = "{}: 더 이상 모니터링하지 "
				"않습니다.",
			[CHAT_TEXT_REMOVED_ALREADY] = "{}: 이미 "
				"제거되었습니다.",
			[CHAT_TEXT_REMOVED_FULL] = "제거된 대상이 이미 너무 "
				"많습니다.",
			[CHAT_TEXT_RESTORED] = "{}: 다시 모니터링합니다.",
			[CHAT_TEXT_RESTORED_SOURCE] = "{}: 복원되었습니다. "
				"다른 모니터링 시스템의 알림이 다시 "
				"반영됩니다.",
			[CHAT_TEXT_RESTORED_ALREADY] = "{}: 이미 "
				"모니터링하고 있습니다.",
			[CHAT_TEXT_TAKEN] = "{} 님이 {} 대응을 "
				"맡습니다(복구될 때까지).",
			[CHAT_TEXT_TAKEN_UNTIL] = "{} 님이 {} 대응을 {}까지 "
				"맡습니다.",
			[CHAT_TEXT_WELL] = "{}: 대응할 장애가 없습니다.",
			[CHAT_TEXT_NOTHING_RECORDED] = "지금은 기록할 수 없어 "
				"아무것도 변경하지 않았습니다: {}.",
			[CHAT_TEXT_UNRECORDED] = "적용되었지만 지금은 기록할 "
				"수 없습니다. 기록하기 전에 curlew가 "
				"종료되면 사라집니다.",
			[CHAT_TEXT_MUTED] = "{}: 다시 켤 때까지 알림을 "
				"끕니다.",
			[CHAT_TEXT_MUTED_UNTIL] = "{}: {}까지 알림을 끕니다.",
			[CHAT_TEXT_MUTED_ALL] = "다시 켤 때까지 모든 알림을 "
				"끕니다.",
			[CHAT_TEXT_MUTED_ALL_UNTIL] = "{}까지 모든 알림을 "
				"끕니다.",
			[CHAT_TEXT_UNMUTED] = "{}: 알림을 다시 켰습니다.",
			[CHAT_TEXT_UNMUTED_ALREADY] = "{}: 알림이 꺼져 있지 "
				"않았습니다.",
			[CHAT_TEXT_UNMUTED_ALL] = "모든 알림을 다시 "
				"켰습니다.",
			[CHAT_TEXT_UNMUTED_ALL_ALREADY] = "꺼진 알림이 "
				"없었습니다.",
			[CHAT_TEXT_STILL_MUTED] = "하지만 모든 알림이 꺼져 "
				"있습니다. {} 명령으로 다시 켤 수 있습니다.",
			[CHAT_TEXT_NOTHING_THERE] = "아직 모니터링하는 대상이 "
				"없습니다.",
			[CHAT_TEXT_TOLD] = "{}: 다른 모니터링 시스템이 "
				"확인하는 대상입니다. 마지막으로 받은 "
				"내용입니다.",
			[CHAT_TEXT_LATE] = "{}: 1분 안에 확인하지 못했습니다.",
			[CHAT_TEXT_HISTORY] = "{} 최근 장애:",
			[CHAT_TEXT_HISTORY_NONE] = "{}: 기록된 장애가 "
				"없습니다.",
			[CHAT_TEXT_REMOVED_LIST] = "제거된 대상 {}개. {} "
				"명령으로 되돌립니다.",
			[CHAT_TEXT_REMOVED_NONE] = "제거된 대상이 없습니다.",
			[CHAT_TEXT_AUDIT] = "변경 기록(최신순):",
			[CHAT_TEXT_AUDIT_NONE] = "아직 변경 기록이 없습니다.",
			[CHAT_TEXT_RUNS] = "최근에 시작한 작업과 결과:",
			[CHAT_TEXT_RUNS_NONE] = "실행 중이거나 최근에 끝난 "
				"작업이 없습니다.",
			[CHAT_TEXT_UNREADABLE] = "지금은 읽을 수 없습니다: "
				"{}.",
			[CHAT_TEXT_HELP] = "사용할 수 있는 명령:",
			[CHAT_TEXT_HELP_ACTIONS] = "실행할 수 있는 작업:",
			[CHAT_TEXT_ECHO] = "여기에 도착한 내용:",
			[CHAT_TEXT_NO_COMMAND] = "\"{}\"(이)라는 명령이 "
				"없습니다.",
			[CHAT_TEXT_HELP_LISTS] = "{} 명령으로 목록을 볼 수 "
				"있습니다.",
			[CHAT_TEXT_LACKS_NAME] = "대상이 필요합니다: {}.",
			[CHAT_TEXT_TAKES_NO_NAME] = "{} 명령에는 이름을 쓰지 "
				"않습니다: \"{}\".",
			[CHAT_TEXT_TOO_LONG] = "명령이 너무 깁니다.",
			[CHAT_TEXT_NOT_BY_YOU] = "실행 권한이 없습니다: {}.",
			[CHAT_TEXT_NOT_HERE] = "이 채널에서는 실행할 수 "
				"없습니다: {}.",
			[CHAT_TEXT_TOO_MUCH] = "요청이 너무 많습니다. 잠시 후 "
				"다시 시도하세요.",
			[CHAT_TEXT_OVER] = "이미 끝났거나 알 수 없는 "
				"장애입니다.",
			[CHAT_TEXT_NO_ACTIONS] = "실행할 작업이 없습니다. "
				"설정에 \"actions:\"가 없습니다.",
			[CHAT_TEXT_NO_ACTION] = "\"{}\"(이)라는 작업이 "
				"없습니다.",
			[CHAT_TEXT_WHICH_ACTION] = "어떤 작업을 실행할까요?",
			[CHAT_TEXT_BAD_WORD] = "{}에 \"{}\"은(는) 쓸 수 "
				"없습니다. 다음 형식이어야 합니다: {}.",
			[CHAT_TEXT_BAD_CHOICE] = "{}에 \"{}\"은(는) 쓸 수 "
				"없습니다. 다음 중 하나여야 합니다: {}.",
			[CHAT_TEXT_BAD_BLANKS] = "{}에 \"{}\"은(는) 쓸 수 "
				"없습니다. 공백 없는 한 단어여야 합니다.",
			[CHAT_TEXT_UNCLEAR] = "\"{}\"을(를) 나누는 방법이 "
				"너무 많아 이해할 수 없습니다.",
			[CHAT_TEXT_NO_WAY] = "\"{}\"은(는) 이 작업을 요청하는 "
				"형식이 아닙니다.",
			[CHAT_TEXT_NOTHING_SAID] = "뒤에 내용이 필요합니다.",
			[CHAT_TEXT_UNFIT] = "{}: 입력한 내용을 요청에 넣을 수 "
				"없습니다. 너무 길거나 다른 주소로 이어집니다.",
			[CHAT_TEXT_FULL] = "{}: 이미 최대 개수만큼 실행 중이라 "
				"시작할 수 없습니다. 하나가 끝난 뒤 다시 "
				"시도하세요.",
			[CHAT_TEXT_HELP_ACTION] = "다음과 같이 요청할 수 "
				"있습니다:",
			[CHAT_TEXT_BEGUN] = "{}: 시작했습니다.",
			[CHAT_TEXT_BEGUN_BY] = "{}: 시작했습니다(요청: {}).",
			[CHAT_TEXT_GOES_ON] = "{}: 진행 중입니다.",
			[CHAT_TEXT_DONE] = "{}: 완료되었습니다.",
			[CHAT_TEXT_FAILED] = "{}: 실패했습니다.",
			[CHAT_TEXT_UNCERTAIN] = "{}: 실행되었는지 알 수 "
				"없습니다. 다시 시도하기 전에 확인하세요.",
			[CHAT_TEXT_LASTED] = "{}, {} 동안",
			[CHAT_TEXT_LASTS] = "{}, {}째 진행 중",
			[CHAT_TEXT_REMOVED_BY] = "{} 님, {}",
			[CHAT_TEXT_IS_MUTED] = "알림 꺼짐",
			[CHAT_TEXT_LOOKS_AFTER] = "{} 님이 대응 중",
			[CHAT_TEXT_LOOKS_AFTER_UNTIL] = "{} 님이 {}까지 대응 "
				"중",
			[CHAT_TEXT_SEEN] = "마지막 확인: {}",
			[CHAT_TEXT_FAILS] = "연속 실패 {}회, 허용 {}회",
			[CHAT_TEXT_PROBLEMS] = "진행 중인 문제: {}건",
			[CHAT_TEXT_TOTAL] = "합계",
			[CHAT_TEXT_WORD] = "{}: 형식 {}",
			[CHAT_TEXT_CHOICE] = "{}: {} 중 하나",
			[CHAT_TEXT_NO_BLANKS] = "{}: 공백 없는 한 단어",
			[CHAT_TEXT_EXAMPLE] = "예: {}",
			[CHAT_TEXT_USERS] = "실행 가능한 사용자: {}",
			[CHAT_TEXT_USERS_ANY] = "실행 가능한 사용자: 여기에서 "
				"변경 권한이 있는 모두",
			[CHAT_TEXT_CHANNELS] = "실행 가능한 채널: {}",
		},
	},
	[WORDS_ZH] = {
		.help = {
			[COMMAND_ACK] = "认领 NAME "
				"的故障，直到恢复或到指定时间为止",
			[COMMAND_AUDIT] = "查看更改记录，最新的在前",
			[COMMAND_CHECK] = "查看全部状态；指定 NAME 时立即检查，"
				"并显示各阶段耗时",
			[COMMAND_DOWN] = "查看异常目标及其开始时间",
			[COMMAND_ECHO] = "显示这里收到的内容，敏感信息已隐藏",
			[COMMAND_HELP] = "显示本帮助",
			[COMMAND_HISTORY] = "查看 NAME 最近的故障",
			[COMMAND_MUTE] = "暂停 NAME 或全部的通知，直到取消静"
				"音或到指定时间为止；状态页照常更新",
			[COMMAND_REMOVE] = "不再检查也不再通知 NAME，直到"
				"恢复监控",
			[COMMAND_REMOVED] = "查看已移除的目标、移除者和时间",
			[COMMAND_RESTORE] = "恢复已移除的目标",
			[COMMAND_RUN] = "执行配置中的操作，并告知结果",
			[COMMAND_RUNS] = "查看正在执行的操作和最近的结果",
			[COMMAND_UNMUTE] = "恢复 NAME "
				"或全部的通知；期间变化的状态会立即通知",
		},
		.between = "",
		.lines = {
			[CHAT_TEXT_STARTING] = "curlew 正在启动或停止，请稍后"
				"再试。",
			[CHAT_TEXT_UNKNOWN] = "没有名为“{}”的目标。",
			[CHAT_TEXT_NOT_REMOVED] = "已移除的目标中没有“{}”。",
			[CHAT_TEXT_MEANT] = "您是指“{}”吗？",
			[CHAT_TEXT_WHICH] = "是 {} 还是 {}？请输入完整名称。",
			[CHAT_TEXT_WHICH_OF_MANY] = "有 {}、{} 等多个目标，请"
				"输入完整名称。",
			[CHAT_TEXT_NO_TIME] = "“{}”不是时长，请用 30m、2h 或 "
				"1d 这样的写法，最长一年。",
			[CHAT_TEXT_REMOVED] = "{} 已不再监控。",
			[CHAT_TEXT_REMOVED_ALREADY] = "{} 此前已移除。",
			[CHAT_TEXT_REMOVED_FULL] = "已移除的目标过多。",
			[CHAT_TEXT_RESTORED] = "{} 已恢复监控。",
			[CHAT_TEXT_RESTORED_SOURCE] = "{} 已恢复，其他监控"
				"系统的消息重新生效。",
			[CHAT_TEXT_RESTORED_ALREADY] = "{} 正在监控中。",
			[CHAT_TEXT_TAKEN] = "{} 负责处理 {}，直到恢复。",
			[CHAT_TEXT_TAKEN_UNTIL] = "{} 负责处理 {}，直到 {}。",
			[CHAT_TEXT_WELL] = "{} 没有需要处理的故障。",
			[CHAT_TEXT_NOTHING_RECORDED] = "目前无法记录，因此"
				"没有做任何更改：{}。",
			[CHAT_TEXT_UNRECORDED] = "已生效，但目前无法记录；若 "
				"curlew 在记录之前停止，则会丢失。",
			[CHAT_TEXT_MUTED] = "{} 已静音，直到取消静音。",
			[CHAT_TEXT_MUTED_UNTIL] = "{} 已静音，直到 {}。",
			[CHAT_TEXT_MUTED_ALL] = "已全部静音，直到取消静音。",
			[CHAT_TEXT_MUTED_ALL_UNTIL] = "已全部静音，直到 {}。",
			[CHAT_TEXT_UNMUTED] = "{} 已取消静音。",
			[CHAT_TEXT_UNMUTED_ALREADY] = "{} 没有静音。",
			[CHAT_TEXT_UNMUTED_ALL] = "已取消全部静音。",
			[CHAT_TEXT_UNMUTED_ALL_ALREADY] = "没有静音的目标。",
			[CHAT_TEXT_STILL_MUTED] = "但目前全部静音，用 {} 取消。",
			[CHAT_TEXT_NOTHING_THERE] = "尚未监控任何目标。",
			[CHAT_TEXT_TOLD] = "{} 由其他监控系统检查，以下是其"
				"最近的消息。",
			[CHAT_TEXT_LATE] = "一分钟内未能检查 {}。",
			[CHAT_TEXT_HISTORY] = "{} 最近的故障：",
			[CHAT_TEXT_HISTORY_NONE] = "没有 {} 的故障记录。",
			[CHAT_TEXT_REMOVED_LIST] = "已移除 {} 个，用 {} "
				"恢复。",
			[CHAT_TEXT_REMOVED_NONE] = "没有已移除的目标。",
			[CHAT_TEXT_AUDIT] = "更改记录，最新的在前：",
			[CHAT_TEXT_AUDIT_NONE] = "还没有人做过更改。",
			[CHAT_TEXT_RUNS] = "最近开始的操作及其结果：",
			[CHAT_TEXT_RUNS_NONE] = "没有正在执行或最近结束的"
				"操作。",
			[CHAT_TEXT_UNREADABLE] = "目前无法读取：{}。",
			[CHAT_TEXT_HELP] = "可用的命令：",
			[CHAT_TEXT_HELP_ACTIONS] = "可执行的操作：",
			[CHAT_TEXT_ECHO] = "这里收到的内容：",
			[CHAT_TEXT_NO_COMMAND] = "没有“{}”这个命令。",
			[CHAT_TEXT_HELP_LISTS] = "用 {} 查看全部命令。",
			[CHAT_TEXT_LACKS_NAME] = "缺少目标，请用 {}。",
			[CHAT_TEXT_TAKES_NO_NAME] = "{} 不需要名称：“{}”。",
			[CHAT_TEXT_TOO_LONG] = "命令太长。",
			[CHAT_TEXT_NOT_BY_YOU] = "您无权执行：{}。",
			[CHAT_TEXT_NOT_HERE] = "不能在此频道执行：{}。",
			[CHAT_TEXT_TOO_MUCH] = "请求过多，请稍后再试。",
			[CHAT_TEXT_OVER] = "该故障已结束，或这里没有记录。",
			[CHAT_TEXT_NO_ACTIONS] = "没有可执行的操作：配置中没有 "
				"“actions:”。",
			[CHAT_TEXT_NO_ACTION] = "没有名为“{}”的操作。",
			[CHAT_TEXT_WHICH_ACTION] = "要执行哪个操作？",
			[CHAT_TEXT_BAD_WORD] = "{} 不能是“{}”，格式必须为 {}。",
			[CHAT_TEXT_BAD_CHOICE] = "{} 不能是“{}”，必须是其中"
				"之一：{}。",
			[CHAT_TEXT_BAD_BLANKS] = "{} 不能是“{}”，必须是一个不含"
				"空格的词。",
			[CHAT_TEXT_UNCLEAR] = "“{}”的拆分方式过多，无法理解。",
			[CHAT_TEXT_NO_WAY] = "“{}”不符合该操作的写法。",
			[CHAT_TEXT_NOTHING_SAID] = "后面需要内容。",
			[CHAT_TEXT_UNFIT] = "{}：输入的内容无法填入请求，可能"
				"过长，或会指向别处。",
			[CHAT_TEXT_FULL] = "无法开始 {}：正在执行的数量已达"
				"上限，请等其中一个结束后再试。",
			[CHAT_TEXT_HELP_ACTION] = "可以这样请求：",
			[CHAT_TEXT_BEGUN] = "{}：已开始。",
			[CHAT_TEXT_BEGUN_BY] = "{}：已开始，由 {} 发起。",
			[CHAT_TEXT_GOES_ON] = "{}：进行中。",
			[CHAT_TEXT_DONE] = "{}：已完成。",
			[CHAT_TEXT_FAILED] = "{}：失败。",
			[CHAT_TEXT_UNCERTAIN] = "{}：不确定是否已执行，重试前"
				"请先确认。",
			[CHAT_TEXT_LASTED] = "{}，持续 {}",
			[CHAT_TEXT_LASTS] = "{}，已持续 {}，尚未恢复",
			[CHAT_TEXT_REMOVED_BY] = "{}，{}",
			[CHAT_TEXT_IS_MUTED] = "已静音",
			[CHAT_TEXT_LOOKS_AFTER] = "{} 正在处理",
			[CHAT_TEXT_LOOKS_AFTER_UNTIL] = "{} 正在处理，直到 {}",
			[CHAT_TEXT_SEEN] = "最近一次检查：{}",
			[CHAT_TEXT_FAILS] = "连续失败 {} 次，允许 {} 次",
			[CHAT_TEXT_PROBLEMS] = "未结束的问题：{} 个",
			[CHAT_TEXT_TOTAL] = "合计",
			[CHAT_TEXT_WORD] = "{}：格式为 {}",
			[CHAT_TEXT_CHOICE] = "{}：{} 其中之一",
			[CHAT_TEXT_NO_BLANKS] = "{}：一个不含空格的词",
			[CHAT_TEXT_EXAMPLE] = "例如 {}",
			[CHAT_TEXT_USERS] = "谁可以执行：{}",
			[CHAT_TEXT_USERS_ANY] = "谁可以执行：在这里有更改权限的"
				"人",
			[CHAT_TEXT_CHANNELS] = "可执行的频道：{}",
		},
	},
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */
