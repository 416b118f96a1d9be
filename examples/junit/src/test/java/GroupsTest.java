import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.aliyuncs.IAcsClient;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.rds.model.v20140815.*;
import com.aliyuncs.rds.model.v20140815.DescribeSecurityGroupConfigurationResponse.EcsSecurityGroupRelation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RdsMock.class)
class GroupsTest {
    static final String INSTANCE = "rm-uf6wjk5xxxxxx";

    static void setGroups(IAcsClient client, String groups) throws ClientException {
        var request = new ModifySecurityGroupConfigurationRequest();
        request.setDBInstanceId(INSTANCE);
        request.setSecurityGroupId(groups);
        client.getAcsResponse(request);
    }

    static List<String> groups(IAcsClient client) throws ClientException {
        var request = new DescribeSecurityGroupConfigurationRequest();
        request.setDBInstanceId(INSTANCE);
        return client.getAcsResponse(request).getItems().stream()
                .map(EcsSecurityGroupRelation::getSecurityGroupId).toList();
    }

    @Test
    void aChangeWhoseAnswerGotLostCanBeRetried(RdsMock.Account account) throws Exception {
        var client = account.client();
        account.control("faults", """
                {"action": "ModifySecurityGroupConfiguration", "strike": {"first": 1}, "phase": "after",
                 "error": {"code": "ServiceUnavailable"}}""");

        var failure = assertThrows(ClientException.class, () -> setGroups(client, "sg-1,sg-2"));
        assertEquals("ServiceUnavailable", failure.getErrCode());
        // The call failed, and the change was made all the same.
        assertEquals(List.of("sg-1", "sg-2"), groups(client));

        setGroups(client, "sg-1,sg-2");
        assertEquals(List.of("sg-1", "sg-2"), groups(client));
        account.control("verify", """
                {"action": "ModifySecurityGroupConfiguration", "times": {"exactly": 2}}""");
    }

    @Test
    void anotherTestHasAnotherAccount(RdsMock.Account account) throws Exception {
        assertEquals(List.of(), groups(account.client()));
    }
}
